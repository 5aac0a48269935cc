import { expect, test } from "vitest";
import { dollarsShort, LATENCY, SPEND, valuesOf } from "./figures";
import type { Added } from "./series";

const STEP: Added = {
  requests: 2,
  failed: 0,
  input_tokens: 1,
  output_tokens: 1,
  cost_usd: "0.25",
  p50_duration_ms: 300,
  p95_duration_ms: 400,
  p50_ttft_ms: null,
  p95_ttft_ms: null,
};

test("a step without a call cost nothing and took no known time; a call without a price cost nobody knows what", () => {
  const steps = [null, STEP, { ...STEP, cost_usd: null }];
  expect(valuesOf(steps, SPEND)).toEqual([0, 0.25, null]);
  expect(valuesOf(steps, LATENCY)).toEqual([null, 300, 300]);
});

test.each([
  ["12.345678", "$12.35"],
  ["0.001234", "$0.0012"],
  ["0", "$0.00"],
  ["0.000000012", "$0.000000012"],
  [null, "–"],
])("%s dollars are short as %s", (value, text) => {
  expect(dollarsShort(value)).toBe(text);
});
