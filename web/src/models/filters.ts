/**
 * Which models a list shows, and in which order: pure functions over model cards. All of it is written to and read from
 * an address, so that a view can be sent to somebody else.
 */
import type { ModelCard } from "../api/types";
import { sentence } from "../ui/format";
import { billionths, typedAmount } from "../ui/money";

interface Option {
  id: string;
  label: string;
}

interface Facet {
  label: string;
  /** What a card has of it. */
  of: (card: ModelCard) => readonly Option[];
  /** Whether a model must have all that is chosen; else any of it is enough. */
  all: boolean;
}

const worded = (names: readonly string[]) => names.map((name) => ({ id: name, label: sentence(name) }));
const named = (names: readonly (string | null)[]) =>
  names.flatMap((name) => (name === null ? [] : [{ id: name, label: name }]));

export const FACETS = {
  developer: { label: "Developer", of: (card) => named([card.developer]), all: false },
  kind: { label: "Kind", of: (card) => worded([card.kind]), all: false },
  input: { label: "Reads", of: (card) => worded(card.input_modalities), all: true },
  output: { label: "Writes", of: (card) => worded(card.output_modalities), all: true },
  status: { label: "Status", of: (card) => worded([card.lifecycle.status]), all: false },
  provider: { label: "Provider", of: (card) => named(card.providers), all: false },
  feature: {
    label: "Features",
    of: (card) => card.features.map(({ name, label }) => ({ id: name, label })),
    all: true,
  },
} as const satisfies Record<string, Facet>;

export type FacetName = keyof typeof FACETS;
export const FACET_NAMES = Object.keys(FACETS) as FacetName[];

const BOUNDS = ["input_min", "input_max", "output_min", "output_max"] as const;
export type Bound = (typeof BOUNDS)[number];

export const SORTS = {
  "": "In the catalogue's order",
  name: "Name",
  "-released": "Newest first",
  "-context": "Largest context first",
  input_price: "Cheapest input first",
  output_price: "Cheapest output first",
  "-output_price": "Dearest output first",
} as const;
export type Sort = keyof typeof SORTS;

export interface Filters {
  search: string;
  chosen: Readonly<Partial<Record<FacetName, readonly string[]>>>;
  /** Dollars for a million tokens, as they were typed. */
  bounds: Readonly<Partial<Record<Bound, string>>>;
  contextTokens: number | null;
  callable: boolean;
  /** Whether models that are there for tests only are shown too. */
  sandbox: boolean;
  sort: Sort;
}

export function readFilters(params: URLSearchParams): Filters {
  const sort = params.get("sort") ?? "";
  const context = Number(params.get("context") ?? Number.NaN);
  return {
    search: params.get("search") ?? "",
    chosen: pick(FACET_NAMES, (name) => nonEmpty(params.getAll(name))),
    bounds: pick(BOUNDS, (name) => params.get(name) || undefined),
    contextTokens: Number.isSafeInteger(context) && context > 0 ? context : null,
    callable: params.get("callable") === "true",
    sandbox: params.get("sandbox") === "true",
    sort: sort in SORTS ? (sort as Sort) : "",
  };
}

/** The address's query for these filters. Parameters of others stay as they are in `params`. */
export function writeFilters(filters: Filters, params: URLSearchParams): URLSearchParams {
  const written = new URLSearchParams(params);
  const put = (name: string, values: readonly string[]) => {
    written.delete(name);
    for (const value of values) if (value !== "") written.append(name, value);
  };
  put("search", [filters.search]);
  for (const name of FACET_NAMES) put(name, filters.chosen[name] ?? []);
  for (const name of BOUNDS) put(name, [filters.bounds[name] ?? ""]);
  put("context", [filters.contextTokens?.toString() ?? ""]);
  put("callable", [filters.callable ? "true" : ""]);
  put("sandbox", [filters.sandbox ? "true" : ""]);
  put("sort", [filters.sort]);
  return written;
}

/** How many conditions narrow the list, the search not counted. */
export function conditions(filters: Filters): number {
  const chosen = FACET_NAMES.reduce((sum, name) => sum + (filters.chosen[name]?.length ?? 0), 0);
  const bounds = BOUNDS.filter((name) => filters.bounds[name] !== undefined).length;
  return chosen + bounds + (filters.contextTokens === null ? 0 : 1) + (filters.callable ? 1 : 0);
}

export function filtered(cards: readonly ModelCard[], filters: Filters): ModelCard[] {
  return sorted(
    cards.filter((card) => passes(card, filters)),
    filters.sort,
  );
}

/** What can be chosen of a facet, with how many models there would be if all else stayed as it is. */
export function options(
  cards: readonly ModelCard[],
  filters: Filters,
  name: FacetName,
): readonly (Option & { count: number })[] {
  const counts = new Map<string, Option & { count: number }>();
  const others = { ...filters, chosen: { ...filters.chosen, [name]: [] } };
  for (const card of cards) {
    if (card.sandbox && !filters.sandbox) continue;
    const counted = passes(card, others) && (!FACETS[name].all || hasChosen(card, filters, name)) ? 1 : 0;
    for (const option of FACETS[name].of(card)) {
      const known = counts.get(option.id);
      counts.set(option.id, { ...option, count: (known?.count ?? 0) + counted });
    }
  }
  return [...counts.values()];
}

function passes(card: ModelCard, filters: Filters): boolean {
  return (
    (filters.sandbox || !card.sandbox) &&
    (!filters.callable || card.callable) &&
    holds(card, filters.search) &&
    FACET_NAMES.every((name) => hasChosen(card, filters, name)) &&
    within(card.prices.input, filters.bounds.input_min, filters.bounds.input_max) &&
    within(card.prices.output, filters.bounds.output_min, filters.bounds.output_max) &&
    (filters.contextTokens === null || (card.context_tokens ?? 0) >= filters.contextTokens)
  );
}

function hasChosen(card: ModelCard, filters: Filters, name: FacetName): boolean {
  const chosen = filters.chosen[name] ?? [];
  if (chosen.length === 0) return true;
  const has = new Set(FACETS[name].of(card).map((option) => option.id));
  return FACETS[name].all ? chosen.every((id) => has.has(id)) : chosen.some((id) => has.has(id));
}

/** Whether every word of the search stands somewhere in what a card says. */
function holds(card: ModelCard, search: string): boolean {
  const features = card.features.map((feature) => feature.label);
  const texts = [card.id, ...card.aliases, card.name, card.summary, card.developer, card.family, ...features];
  const text = texts.join("\n").toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** An unknown price is within no bounds; a bound that is no number is none. */
function within(price: string | null, least: string | undefined, most: string | undefined): boolean {
  const low = bound(least);
  const high = bound(most);
  if (low === null && high === null) return true;
  const amount = rate(price);
  return amount !== null && (low === null || amount >= low) && (high === null || amount <= high);
}

function bound(typed: string | undefined): bigint | null {
  return typed === undefined ? null : rate(typedAmount(typed, { zero: true }).amount);
}

function rate(usd: string | null): bigint | null {
  return usd === null ? null : billionths(usd);
}

/** Unknown ones come last either way. */
function sorted(cards: readonly ModelCard[], sort: Sort): ModelCard[] {
  if (sort === "") return [...cards];
  const way = sort.startsWith("-") ? -1 : 1;
  const fact = FACTS[sort.replace("-", "")] ?? (() => null);
  return cards.toSorted((one, other) => {
    const [a, b] = [fact(one), fact(other)];
    if (a === null || b === null) return (a === null ? 1 : 0) - (b === null ? 1 : 0);
    return a === b ? 0 : a < b ? -way : way;
  });
}

const FACTS: Record<string, (card: ModelCard) => string | number | bigint | null> = {
  name: (card) => card.name.toLowerCase(),
  released: (card) => card.released,
  context: (card) => card.context_tokens,
  input_price: (card) => rate(card.prices.input),
  output_price: (card) => rate(card.prices.output),
};

function pick<Name extends string, Value>(
  names: readonly Name[],
  read: (name: Name) => Value | undefined,
): Partial<Record<Name, Value>> {
  const found: Partial<Record<Name, Value>> = {};
  for (const name of names) {
    const value = read(name);
    if (value !== undefined) found[name] = value;
  }
  return found;
}

function nonEmpty(values: string[]): string[] | undefined {
  return values.length > 0 ? values : undefined;
}
