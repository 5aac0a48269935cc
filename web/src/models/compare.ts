/** Models side by side: every fact as one row with a text for each model, so that equal texts are equal facts. */
import type { Benchmark, Fact, ModelCard, ModelPage } from "../api/types";
import { count, day, isDay, nusd, UNKNOWN, usd } from "../ui/format";
import { scoreText } from "./Bar";
import { rateOf, tiersOf } from "./cost";

export interface Compared {
  card: ModelCard;
  page: ModelPage;
}

export interface Row {
  name: string;
  /** One for each model. */
  texts: readonly string[];
  /** One for each model, where the row is a benchmark. */
  scores?: readonly Benchmark[];
}

export interface Group {
  name: string;
  rows: readonly Row[];
  /** What stands there when there are no rows. */
  empty?: string;
}

export function differs(row: Row): boolean {
  return new Set(row.texts).size > 1;
}

export function comparison(models: readonly Compared[]): Group[] {
  const groups: Group[] = [
    { name: "Overview", rows: overview(models) },
    { name: "Specifications", rows: specifications(models) },
    { name: "Prices, $ per million tokens", rows: prices(models), empty: "No price is known." },
    { name: "What typical calls cost", rows: typicalCalls(models) },
    { name: "Features", rows: presence(models, ({ card }) => card.features.map(({ label }) => label)) },
    { name: "Benchmarks", rows: benchmarks(models), empty: "No benchmark is known for all of them." },
    { name: "Request parameters", rows: presence(models, ({ card }) => card.supported_parameters) },
  ];
  return groups.filter((group) => group.rows.length > 0 || group.empty !== undefined);
}

/** A fact's text, a day written as all days are. */
function factText(fact: Fact | undefined): string | null {
  if (fact === undefined) return null;
  return isDay(fact.value) ? day(fact.value) : fact.value;
}

function overview(models: readonly Compared[]): Row[] {
  const facts: [string, (card: ModelCard) => string | null][] = [
    ["Developer", (card) => card.developer],
    ["Family", (card) => card.family],
    ["Kind", (card) => card.kind],
    ["Status", (card) => card.lifecycle.status.replace("_", " ")],
    ["Released", (card) => day(card.released)],
    ["Deprecated since", (card) => day(card.lifecycle.deprecated_at)],
    ["Shut down on", (card) => day(card.lifecycle.shutdown_at)],
    ["Replacement", (card) => card.lifecycle.replaced_by],
    ["Context, tokens", (card) => count(card.context_tokens)],
    ["Max output, tokens", (card) => count(card.max_output_tokens)],
    ["Reads", (card) => card.input_modalities.join(", ")],
    ["Writes", (card) => card.output_modalities.join(", ")],
    ["Providers", (card) => card.providers.join(", ") || null],
    ["Callable now", (card) => yes(card.callable)],
  ];
  return told(facts.map(([name, fact]) => row(name, models, ({ card }) => fact(card))));
}

/** Shown above already. */
const ABOVE = new Set(["Developer", "Family", "Context", "Max output", "Released", "Modalities"]);

function specifications(models: readonly Compared[]): Row[] {
  const facts = ({ page }: Compared) => [...page.tiles, ...page.specifications];
  const names = union(models, (model) => facts(model).map(({ name }) => name)).filter(
    (name) => !ABOVE.has(name),
  );
  return names.map((name) =>
    row(name, models, (model) => factText(facts(model).find((fact) => fact.name === name))),
  );
}

function prices(models: readonly Compared[]): Row[] {
  const tables = models.flatMap(({ page }) => page.prices);
  const steps = [...new Set(tables.map((table) => table.above_input_tokens))].toSorted((a, b) => a - b);
  const lines = new Map(tables.flatMap((table) => table.lines).map((line) => [line.meter, line.label]));
  const rows = steps.flatMap((step) =>
    tiersOf(tables).flatMap((tier) =>
      [...lines].map(([meter, label]) =>
        row(priceName(label, tier, step), models, ({ page }) => {
          const table = page.prices.findLast((each) => each.above_input_tokens <= step);
          const rate = table === undefined ? null : rateOf(table, meter, tier);
          return rate === null ? null : usd(rate.usd);
        }),
      ),
    ),
  );
  return told(rows);
}

function priceName(label: string, tier: string, step: number): string {
  return `${label}${tier === "standard" ? "" : `, ${tier}`}${step > 0 ? `, above ${count(step)} input` : ""}`;
}

function typicalCalls(models: readonly Compared[]): Row[] {
  const names = union(models, ({ page }) => page.typical_calls.map(({ name }) => name));
  return names.map((name) =>
    row(name, models, ({ page }) => nusd(page.typical_calls.find((call) => call.name === name)?.cost_nusd)),
  );
}

/** Those that every model has a score of. */
function benchmarks(models: readonly Compared[]): Row[] {
  const scores = models.map(({ page }) => page.benchmarks.flatMap((group) => group.scores));
  return (scores[0] ?? []).flatMap(({ name, unit }) => {
    const found = scores.flatMap(
      (each) => each.find((score) => score.name === name && score.unit === unit) ?? [],
    );
    return found.length < models.length ? [] : [{ name, texts: found.map(scoreText), scores: found }];
  });
}

function presence(models: readonly Compared[], of: (model: Compared) => readonly string[]): Row[] {
  return union(models, of).map((name) => row(name, models, (model) => yes(of(model).includes(name))));
}

function row(name: string, models: readonly Compared[], text: (model: Compared) => string | null): Row {
  return { name, texts: models.map((model) => text(model) ?? UNKNOWN) };
}

/** Rows of which something is known. */
function told(rows: Row[]): Row[] {
  return rows.filter((each) => each.texts.some((text) => text !== UNKNOWN));
}

function union(models: readonly Compared[], of: (model: Compared) => readonly string[]): string[] {
  return [...new Set(models.flatMap(of))];
}

function yes(is: boolean): string {
  return is ? "yes" : "no";
}
