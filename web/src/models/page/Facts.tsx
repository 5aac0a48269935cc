/** What a model is: names, what to know first, tiles and the table of specifications. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { modelCardsQuery } from "../../api/queries";
import type { Fact, ModelPage } from "../../api/types";
import { Copy } from "../../ui/Copy";
import { day, isDay } from "../../ui/format";
import { Badge, Notice, Stat, Stats } from "../../ui/telling";
import { cataloguePath, modelPath } from "../addresses";
import { CallableBadge, StatusBadge } from "../Badges";
import { daysLeft } from "../days";

interface Props {
  page: ModelPage;
}

export function Banner({ page: { banner, lifecycle } }: Props) {
  if (banner === null) return null;
  const days = lifecycle.status === "deprecated" ? daysLeft(lifecycle.shutdown_at) : null;
  return (
    <Notice tone={lifecycle.status === "shut_down" ? "bad" : "warn"}>
      <p>
        <strong>{banner}</strong>
        {days !== null && days > 0 && ` ${days === 1 ? "One day is" : `${days} days are`} left.`}
      </p>
      {lifecycle.note && <p>{lifecycle.note}</p>}
      <p className="row small">
        {lifecycle.replaced_by !== null && (
          <Link to={modelPath(lifecycle.replaced_by)}>See {lifecycle.replaced_by}</Link>
        )}
        <Link to="/models/deprecations">All deprecations</Link>
        {lifecycle.source && <span className="faint">Source: {lifecycle.source}</span>}
      </p>
    </Notice>
  );
}

export function Names({ page }: Props) {
  const cards = useQuery(modelCardsQuery);
  const card = cards.data?.find((each) => each.id === page.id);
  return (
    <div className="stack" data-tight>
      <p className="row">
        <code className="model-id">{page.id}</code>
        <Copy text={page.id} what="the model id" />
        <StatusBadge lifecycle={page.lifecycle} />
        {card && <CallableBadge card={card} />}
        <Badge>{page.kind === "chat" ? "Chat" : "Embeddings"}</Badge>
      </p>
      <p className="row small muted">
        {page.developer && (
          <span>
            Made by <Link to={cataloguePath("developer", page.developer)}>{page.developer}</Link>
          </span>
        )}
        {card && card.providers.length > 0 && <span>Offered by</span>}
        {card?.providers.map((provider) => (
          <Link key={provider} to={cataloguePath("provider", provider)}>
            {provider}
          </Link>
        ))}
      </p>
      {page.aliases.length > 0 && (
        <details className="details">
          <summary>
            {page.aliases.length} {page.aliases.length === 1 ? "other name" : "other names"}
          </summary>
          <ul className="names">
            {page.aliases.map((alias) => (
              <li className="row" key={alias}>
                <code>{alias}</code>
                <Copy text={alias} what={alias} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}

export function Description({ page }: Props) {
  return (
    <div className="stack prose-width" data-tight>
      {page.summary && <p className="lead">{page.summary}</p>}
      {page.description && <p>{page.description}</p>}
    </div>
  );
}

export function Tiles({ page }: Props) {
  return (
    <Stats>
      {page.tiles.map(({ name, value, note }) => (
        <Stat key={name} name={name} note={note} value={isDay(value) ? day(value) : value} />
      ))}
    </Stats>
  );
}

/** Rows that are there for every chat model, so that what is unknown is seen to be. */
const EXPECTED = ["Parameters", "Mixture of experts", "Context", "Multilingual", "Quantization", "Weights"];

const FIRST = [
  "Developer",
  "Family",
  "Parameters",
  "Mixture of experts",
  "Context",
  "Max output",
  "Multilingual",
];

function place({ name }: Fact): number {
  return FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length;
}

export function Specifications({ page }: Props) {
  const known = new Map(page.specifications.map((fact) => [fact.name, fact]));
  const missing = page.kind === "chat" ? EXPECTED.filter((name) => !known.has(name)) : [];
  const rows = [
    ...page.specifications,
    ...missing.map((name): Fact => ({ name, value: "unknown", note: null })),
  ].toSorted((one, other) => place(one) - place(other));
  const notes = rows.filter((fact) => fact.note !== null);
  return (
    <>
      <dl className="spec">
        {rows.map(({ name, value, note }) => (
          <div className="fact" key={name}>
            <dt className="fact-name">
              {name}
              {note && <span aria-hidden="true"> *</span>}
            </dt>
            <dd className={value === "unknown" ? "faint" : undefined}>{value}</dd>
          </div>
        ))}
      </dl>
      {notes.length > 0 && (
        <ul className="small muted">
          {notes.map(({ name, note }) => (
            <li key={name}>
              * {name}: {note}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
