/** What a call costs by the rates of a model's page: whole billionths of a dollar, rounded once, as the hub does. */
import type { PriceLine, PriceTable } from "../api/types";
import { billionths } from "../ui/money";

type Meter = PriceLine["meter"];
const TIERS = ["standard", "batch", "priority"] as const;
export type Tier = (typeof TIERS)[number];

/** Counts of tokens. `input` includes those that were cached or written to a cache. */
export interface Usage {
  input: bigint;
  cached: bigint;
  written: bigint;
  output: bigint;
}

const PER_PRICE = 1_000_000n;

/** Whose rate a meter has that a tier does not name. */
const BASES: Partial<Record<Meter, Meter>> = {
  cached_input: "input",
  cache_write: "input",
  cache_write_1h: "cache_write",
  audio_input: "input",
  image_input: "input",
  reasoning: "output",
  audio_output: "output",
};

/** The tiers that a page names a rate for. */
export function tiersOf(tables: readonly PriceTable[]): Tier[] {
  return TIERS.filter((tier) => tables.some((table) => table.lines.some((line) => line[tier] !== null)));
}

/** Which meter's rate holds for a meter in a tier, and that rate; null where none is known. */
export function rateOf(table: PriceTable, meter: Meter, tier: Tier): { meter: Meter; usd: string } | null {
  const own = table.lines.find((line) => line.meter === meter)?.[tier];
  if (own != null) return { meter, usd: own };
  const base = BASES[meter];
  return base === undefined ? null : rateOf(table, base, tier);
}

/** Null where a meter that counts something has no known rate. */
export function costNusd(tables: readonly PriceTable[], usage: Usage, tier: Tier): bigint | null {
  const table = tables.findLast(
    ({ above_input_tokens: above }) => above === 0 || usage.input > BigInt(above),
  );
  if (table === undefined) return null;
  let exact = rateNanos(table, "request", tier) ?? 0n;
  for (const [meter, units] of metered(usage)) {
    if (units === 0n) continue;
    const rate = rateNanos(table, meter, tier);
    if (rate === null) return null;
    exact += units * rate;
  }
  return (exact + PER_PRICE / 2n) / PER_PRICE;
}

function rateNanos(table: PriceTable, meter: Meter, tier: Tier): bigint | null {
  const rate = rateOf(table, meter, tier);
  return rate === null ? null : billionths(rate.usd);
}

/** Every token once, however the counts overlap. */
function metered({ input, cached, written, output }: Usage): [Meter, bigint][] {
  const read = least(cached, input);
  const kept = least(written, input - read);
  return [
    ["cached_input", read],
    ["cache_write", kept],
    ["input", input - read - kept],
    ["output", output],
  ];
}

function least(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}
