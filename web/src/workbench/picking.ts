/** Which models a search and a filter leave over. */
import type { ModelCard } from "../api/types";

export const FILTERS: readonly { id: string; label: string; fits: (card: ModelCard) => boolean }[] = [
  { id: "callable", label: "Callable now", fits: (card) => card.callable },
  { id: "image", label: "Reads images", fits: (card) => card.input_modalities.includes("image") },
  { id: "file", label: "Reads files", fits: (card) => card.input_modalities.includes("file") },
  { id: "tools", label: "Tools", fits: (card) => has(card, "tools") },
  { id: "structured", label: "Structured outputs", fits: (card) => has(card, "structured_outputs") },
  { id: "reasoning", label: "Reasoning", fits: (card) => has(card, "reasoning") },
  { id: "sandbox", label: "Sandbox", fits: (card) => card.sandbox },
];

function has(card: ModelCard, feature: string): boolean {
  return card.features.some(({ name }) => name === feature);
}

export type Order = "catalogue" | "price" | "context" | "newest";

const ORDERS: Readonly<Record<Order, (one: ModelCard, other: ModelCard) => number>> = {
  catalogue: () => 0,
  price: (one, other) => price(one) - price(other),
  context: (one, other) => (other.context_tokens ?? -1) - (one.context_tokens ?? -1),
  newest: (one, other) => (other.released ?? "").localeCompare(one.released ?? ""),
};

/** What is unknown comes last. */
function price(card: ModelCard): number {
  const { input, output } = card.prices;
  return input === null || output === null ? Number.MAX_VALUE : Number(input) + Number(output);
}

/** Chat models that have every word and fit every filter. Models for tests come last, unless somebody looks for them. */
export function found(
  cards: readonly ModelCard[],
  search: string,
  filters: ReadonlySet<string>,
  order: Order,
): readonly ModelCard[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = FILTERS.filter(({ id }) => filters.has(id));
  return cards
    .filter((card) => card.kind === "chat" && fits.every((filter) => filter.fits(card)))
    .filter((card) => words.every((word) => about(card).includes(word)))
    .toSorted((one, other) => Number(one.sandbox) - Number(other.sandbox) || ORDERS[order](one, other));
}

function about(card: ModelCard): string {
  return [card.id, card.name, card.developer, card.family, ...card.aliases].join(" ").toLowerCase();
}

/** The model with which somebody begins who names none: one that answers, with prompts to try. */
export function firstModel(cards: readonly ModelCard[]): string | null {
  const models = found(cards, "", new Set(), "catalogue").filter(
    (card) => card.lifecycle.status === "active",
  );
  const callable = models.filter((card) => card.callable && !card.sandbox);
  const pool = callable.length > 0 ? callable : models;
  return (pool.find((card) => card.suggested_prompts.length > 0) ?? pool[0])?.id ?? null;
}
