/** All models: searched, filtered and sorted by what the address says, as cards or as a table. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { modelCardsQuery } from "../api/queries";
import type { ModelCard } from "../api/types";
import { Page } from "../shell/Page";
import { useQueryString } from "../shell/useQueryString";
import { recall, remember } from "../stored";
import { Answered } from "../ui/Answered";
import { Button, LinkButton } from "../ui/controls";
import { Segments } from "../ui/Segments";
import { Empty } from "../ui/telling";
import { MOST_COMPARED } from "./addresses";
import { CompareBar } from "./CompareBar";
import { FilterPanel } from "./FilterPanel";
import { type Filters, filtered, readFilters, SORTS, type Sort, writeFilters } from "./filters";
import { ModelCards } from "./ModelCards";
import { ModelTable } from "./ModelTable";

type View = "cards" | "table";

/** Where the browser keeps which of them its reader likes. */
const VIEW = "entrepot.models.view";

const VIEWS: readonly { id: View; label: string }[] = [
  { id: "cards", label: "Cards" },
  { id: "table", label: "Table" },
];

export function Catalogue() {
  const cards = useQuery(modelCardsQuery);
  return (
    <Page actions={<LinkButton to="/models/deprecations">Deprecations</LinkButton>} full title="Models">
      <Answered query={cards}>{(found) => <Shelf cards={found} />}</Answered>
    </Page>
  );
}

function Shelf({ cards }: { cards: readonly ModelCard[] }) {
  const [params, setParams] = useQueryString();
  const [view, setView] = useState<View>(() => (recall(VIEW) === "table" ? "table" : "cards"));
  const filters = readFilters(params);
  const picked = params.getAll("pick");
  const found = filtered(cards, filters);
  const change = (next: Partial<Filters>) => setParams(writeFilters({ ...filters, ...next }, params));
  const pick = (ids: readonly string[], from: URLSearchParams) => {
    const next = new URLSearchParams(from);
    next.delete("pick");
    for (const id of ids) next.append("pick", id);
    setParams(next);
  };
  const clear = () => pick(picked, new URLSearchParams());
  const toggle = (id: string) =>
    pick(picked.includes(id) ? picked.filter((each) => each !== id) : [...picked, id], params);
  const show = (next: View) => {
    remember(VIEW, next);
    setView(next);
  };
  const selection = { picked, full: picked.length >= MOST_COMPARED, toggle };
  return (
    <div className="catalogue">
      <FilterPanel cards={cards} change={change} clear={clear} filters={filters} />
      <div className="stack">
        <Tools change={change} filters={filters} show={show} view={view} />
        <Count cards={cards} change={change} filters={filters} found={found} />
        {found.length === 0 ? (
          <Empty title="No model is like that.">
            <Button onClick={clear}>Clear the search and filters</Button>
          </Empty>
        ) : view === "cards" ? (
          <ModelCards cards={found} {...selection} />
        ) : (
          <ModelTable cards={found} {...selection} />
        )}
        <CompareBar cards={cards} picked={picked} toggle={toggle} />
      </div>
    </div>
  );
}

interface ToolsProps {
  filters: Filters;
  change: (next: Partial<Filters>) => void;
  view: View;
  show: (view: View) => void;
}

function Tools({ filters, change, view, show }: ToolsProps) {
  return (
    <search className="row catalogue-tools">
      <input
        aria-label="Search models"
        className="input catalogue-search"
        placeholder="Search names, makers, abilities"
        type="search"
        onChange={(event) => change({ search: event.target.value })}
        value={filters.search}
      />
      <select
        aria-label="Sort"
        className="select"
        onChange={(event) => change({ sort: event.target.value as Sort })}
        value={filters.sort}
      >
        {Object.entries(SORTS).map(([sort, label]) => (
          <option key={sort} value={sort}>
            {label}
          </option>
        ))}
      </select>
      <Segments label="View" onChange={show} options={VIEWS} value={view} />
    </search>
  );
}

interface CountProps {
  cards: readonly ModelCard[];
  found: readonly ModelCard[];
  filters: Filters;
  change: (next: Partial<Filters>) => void;
}

function Count({ cards, found, filters, change }: CountProps) {
  const shown = cards.filter((card) => filters.sandbox || !card.sandbox);
  const hidden = filters.sandbox ? 0 : filtered(cards, { ...filters, sandbox: true }).length - found.length;
  const providers = new Set(found.flatMap((card) => card.providers)).size;
  return (
    <p className="row small muted" role="status">
      <span>
        {found.length === shown.length ? found.length : `${found.length} of ${shown.length}`} models, offered
        by {providers} {providers === 1 ? "provider" : "providers"}
      </span>
      {hidden > 0 && (
        <Button kind="quiet" onClick={() => change({ sandbox: true })} small>
          Show {hidden} for tests too
        </Button>
      )}
    </p>
  );
}
