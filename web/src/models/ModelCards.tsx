/** The catalogue as cards. */
import { Link } from "react-router";
import type { ModelCard } from "../api/types";
import { compact, day, usd } from "../ui/format";
import { Badge } from "../ui/telling";
import { modelPath } from "./addresses";
import { CallableBadge, modalities, StatusBadge } from "./Facts";
import { Pick } from "./Pick";

export interface Selectable {
  cards: readonly ModelCard[];
  picked: readonly string[];
  /** Whether no more can be picked. */
  full: boolean;
  toggle: (id: string) => void;
}

export function ModelCards({ cards, ...selection }: Selectable) {
  return (
    <ul className="plain cards">
      {cards.map((card) => (
        <li className="panel model-card" key={card.id}>
          <div className="model-card-head">
            <h2>
              <Link className="model-card-link" to={modelPath(card.id)}>
                {card.name}
              </Link>
            </h2>
            <Pick card={card} {...selection} />
          </div>
          <p className="small faint">
            {[card.developer, card.released && day(card.released)].filter(Boolean).join(" · ") || "–"}
          </p>
          <p className="model-card-summary">{card.summary}</p>
          <p className="row">
            <StatusBadge lifecycle={card.lifecycle} />
            <CallableBadge card={card} />
            {card.kind === "embedding" && <Badge>Embeddings</Badge>}
          </p>
          <dl className="small model-card-facts">
            <div className="model-card-fact">
              <dt className="model-card-name">Context</dt>
              <dd>{compact(card.context_tokens)}</dd>
            </div>
            <div className="model-card-fact">
              <dt className="model-card-name">Modalities</dt>
              <dd>{modalities(card)}</dd>
            </div>
          </dl>
          <dl className="small model-card-facts rates">
            <div className="model-card-fact">
              <dt className="model-card-name">Input /M</dt>
              <dd className="rate">{usd(card.prices.input)}</dd>
            </div>
            <div className="model-card-fact">
              <dt className="model-card-name">Cached /M</dt>
              <dd className="rate">{usd(card.prices.cached_input)}</dd>
            </div>
            <div className="model-card-fact">
              <dt className="model-card-name">Output /M</dt>
              <dd className="rate">{usd(card.prices.output)}</dd>
            </div>
          </dl>
        </li>
      ))}
    </ul>
  );
}
