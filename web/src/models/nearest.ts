import type { ModelCard } from "../api/types";

/** The models whose names are most like a name that no model has, the most alike first. */
export function nearest(cards: readonly ModelCard[], name: string, most = 5): ModelCard[] {
  const wanted = pairs(name);
  return cards
    .map((card) => ({
      card,
      score: Math.max(...[card.id, card.name, ...card.aliases].map((each) => alike(wanted, pairs(each)))),
    }))
    .filter(({ score }) => score > 0.3)
    .toSorted((one, other) => other.score - one.score)
    .slice(0, most)
    .map(({ card }) => card);
}

/** Pairs of letters that stand beside each other. */
function pairs(text: string): Set<string> {
  const letters = text.toLowerCase().replace(/[^a-z0-9]+/g, "");
  return new Set(
    Array.from({ length: Math.max(0, letters.length - 1) }, (_, at) => letters.slice(at, at + 2)),
  );
}

/** Dice's coefficient. */
function alike(one: Set<string>, other: Set<string>): number {
  const shared = [...one].filter((pair) => other.has(pair)).length;
  return one.size + other.size === 0 ? 0 : (2 * shared) / (one.size + other.size);
}
