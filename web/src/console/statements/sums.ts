/** A month's usage added up by model, by key or by meter: exactly, as the ledger has it. */
import type { ModelUse } from "../../api/types";
import { billionths, sum } from "../../ui/money";

export type By = "model" | "key" | "meter";

export interface Sum {
  name: string;
  requests: number | null;
  inputTokens: number | null;
  outputTokens: number | null;
  /** Of a meter: what it counts. */
  units: number | null;
  cost: string;
}

/** The dearest first. */
export function sumsOf(usage: readonly ModelUse[], by: By): Sum[] {
  const sums = by === "meter" ? byMeter(usage) : bySubject(usage, by);
  return sums.sort((one, other) => {
    const [first, second] = [billionths(one.cost), billionths(other.cost)];
    return first === second ? one.name.localeCompare(other.name, "en") : first < second ? 1 : -1;
  });
}

function bySubject(usage: readonly ModelUse[], by: "model" | "key"): Sum[] {
  const subject = (use: ModelUse) => (by === "model" ? use.model : (use.key_name ?? use.key_id)) ?? "unknown";
  // Two keys may have the same name: they stand apart.
  const groups = grouped(usage, (use) => (by === "model" ? use.model : use.key_id));
  return [...groups.values()].map((uses) => ({
    name: uses[0] === undefined ? "" : subject(uses[0]),
    requests: total(uses, (use) => use.requests),
    inputTokens: total(uses, (use) => use.input_tokens),
    outputTokens: total(uses, (use) => use.output_tokens),
    units: null,
    cost: sum(uses.map((use) => use.cost_usd)) ?? "0",
  }));
}

function byMeter(usage: readonly ModelUse[]): Sum[] {
  const groups = grouped(
    usage.flatMap((use) => use.meters),
    ({ meter }) => meter,
  );
  return [...groups].map(([meter, uses]) => ({
    name: meter.replaceAll("_", " "),
    requests: null,
    inputTokens: null,
    outputTokens: null,
    units: uses.some(({ units }) => units === null) ? null : total(uses, ({ units }) => units ?? 0),
    cost: sum(uses.map((use) => use.cost_usd)) ?? "0",
  }));
}

function grouped<Row, Name>(rows: readonly Row[], read: (row: Row) => Name): Map<Name, Row[]> {
  const groups = new Map<Name, Row[]>();
  for (const row of rows) groups.set(read(row), [...(groups.get(read(row)) ?? []), row]);
  return groups;
}

function total<Row>(rows: readonly Row[], read: (row: Row) => number): number {
  return rows.reduce((before, row) => before + read(row), 0);
}
