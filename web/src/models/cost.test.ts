import { expect, test } from "vitest";
import type { PriceLine, PriceTable } from "../api/types";
import { costNusd, rateOf, tiersOf } from "./cost";

function line(meter: PriceLine["meter"], standard: string | null, priority: string | null = null): PriceLine {
  return { meter, label: meter, standard, batch: null, priority, as_meter: null };
}

const BASE: PriceTable = {
  above_input_tokens: 0,
  lines: [line("input", "0.4", "0.7"), line("cached_input", "0.1"), line("output", "1.6", "2.8")],
};
const LONG: PriceTable = {
  above_input_tokens: 200_000,
  lines: [line("input", "0.8"), line("cached_input", "0.2"), line("output", "2.4")],
};

function usage(input: number, output = 0, cached = 0, written = 0) {
  return { input: BigInt(input), output: BigInt(output), cached: BigInt(cached), written: BigInt(written) };
}

test.each([
  [usage(200, 400), 720_000n],
  [usage(60_000, 1_200, 55_000), 9_420_000n],
  [usage(100, 0, 200), 10_000n],
  [usage(200_000), 80_000_000n],
  [usage(200_001), 160_000_800n],
  [usage(0), 0n],
])("a call of a size costs what the hub charges for it", (counts, expected) => {
  expect(costNusd([BASE, LONG], counts, "standard")).toBe(expected);
});

test("half a billionth is rounded up, once for the whole sum", () => {
  const odd: PriceTable = {
    above_input_tokens: 0,
    lines: [line("input", "0.0005"), line("output", "0.0004")],
  };
  expect(costNusd([odd], usage(1), "standard")).toBe(1n);
  expect(costNusd([odd], usage(0, 1), "standard")).toBe(0n);
  expect(costNusd([odd], usage(1, 1), "standard")).toBe(1n);
});

test("a meter without a rate in its tier has its base's", () => {
  expect(rateOf(BASE, "cached_input", "priority")).toEqual({ meter: "input", usd: "0.7" });
  expect(costNusd([BASE], usage(1_000_000, 0, 1_000_000), "priority")).toBe(700_000_000n);
  expect(costNusd([BASE], usage(1_000_000, 0, 0, 1_000_000), "standard")).toBe(400_000_000n);
});

test("what has no rate has no cost", () => {
  expect(costNusd([BASE], usage(1), "batch")).toBeNull();
  expect(costNusd([], usage(1), "standard")).toBeNull();
  expect(tiersOf([BASE, LONG])).toEqual(["standard", "priority"]);
});
