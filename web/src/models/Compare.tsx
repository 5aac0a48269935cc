/** Up to six models side by side. Which ones stands in the address. */
import { useQueries, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { modelCardsQuery, modelPageQuery } from "../api/queries";
import type { ModelCard } from "../api/types";
import { Page } from "../shell/Page";
import { Answered } from "../ui/Answered";
import { Check, LinkButton } from "../ui/controls";
import { Empty, Failure, Loading, Notice } from "../ui/telling";
import { MOST_COMPARED, workbenchPath } from "./addresses";
import { CompareTable } from "./CompareTable";
import type { Compared } from "./compare";

export function Compare() {
  const [params, setParams] = useSearchParams();
  const asked = [...new Set(params.getAll("model"))];
  const cards = useQuery(modelCardsQuery);
  const choose = (ids: readonly string[]) =>
    setParams(new URLSearchParams(ids.map((id) => ["model", id])), {
      replace: true,
      preventScrollReset: true,
    });
  return (
    <Page
      actions={
        asked.length > 0 && (
          <LinkButton kind="primary" to={workbenchPath(asked)}>
            Open in workbench
          </LinkButton>
        )
      }
      full
      title="Compare models"
    >
      <Answered query={cards}>{(found) => <Chosen asked={asked} cards={found} choose={choose} />}</Answered>
    </Page>
  );
}

interface Props {
  cards: readonly ModelCard[];
  asked: readonly string[];
  choose: (ids: readonly string[]) => void;
}

function Chosen({ cards, asked, choose }: Props) {
  const found = [...new Set(asked.flatMap((name) => cards.find((card) => isCalled(card, name)) ?? []))];
  const unknown = asked.filter((name) => !cards.some((card) => isCalled(card, name)));
  const shown = found.slice(0, MOST_COMPARED);
  const pages = useQueries({ queries: shown.map((card) => modelPageQuery(card.id)) });
  const failed = pages.find((page) => page.isError);
  const models = shown.flatMap((card, index): Compared[] => {
    const page = pages[index]?.data;
    return page === undefined ? [] : [{ card, page }];
  });
  const ids = shown.map(({ id }) => id);
  return (
    <div className="stack">
      {unknown.length > 0 && <Notice tone="warn">No model is called {unknown.join(" or ")}.</Notice>}
      {found.length > shown.length && (
        <Notice tone="warn">
          The first {MOST_COMPARED} of {found.length} models are shown.
        </Notice>
      )}
      <Adder cards={cards} choose={choose} ids={ids} />
      {failed ? (
        <Failure error={failed.error} onRetry={() => void failed.refetch()} />
      ) : shown.length === 0 ? (
        <Empty title="No model is chosen yet.">
          <LinkButton to="/models">Choose from the catalogue</LinkButton>
        </Empty>
      ) : models.length < shown.length ? (
        <Loading />
      ) : (
        <Switched models={models} remove={(id) => choose(ids.filter((each) => each !== id))} />
      )}
    </div>
  );
}

function Adder({
  cards,
  ids,
  choose,
}: {
  cards: readonly ModelCard[];
  ids: readonly string[];
  choose: Props["choose"];
}) {
  if (ids.length >= MOST_COMPARED) return null;
  return (
    <label className="row adder">
      <span>Add a model</span>
      <select
        className="select"
        onChange={(event) => event.target.value !== "" && choose([...ids, event.target.value])}
        value=""
      >
        <option value="">Choose…</option>
        {cards
          .filter(({ id }) => !ids.includes(id))
          .map(({ id, name }) => (
            <option key={id} value={id}>
              {name} ({id})
            </option>
          ))}
      </select>
    </label>
  );
}

function Switched({ models, remove }: { models: readonly Compared[]; remove: (id: string) => void }) {
  const [marked, setMarked] = useState(true);
  const [only, setOnly] = useState(false);
  return (
    <>
      {models.length > 1 && (
        <p className="row switches">
          <Check
            checked={marked}
            label="Mark what differs"
            onChange={(event) => setMarked(event.target.checked)}
          />
          <Check
            checked={only}
            label="Only what differs"
            onChange={(event) => setOnly(event.target.checked)}
          />
        </p>
      )}
      <CompareTable marked={marked && models.length > 1} models={models} only={only} remove={remove} />
    </>
  );
}

function isCalled(card: ModelCard, name: string): boolean {
  return card.id === name || card.aliases.includes(name);
}
