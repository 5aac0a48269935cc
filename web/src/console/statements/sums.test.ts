import { expect, test } from "vitest";
import type { ModelUse } from "../../api/types";
import { sumsOf } from "./sums";

function use(
  model: string,
  keyId: string,
  meters: [string, number | null, string][],
  cost: string,
): ModelUse {
  return {
    model,
    key_id: keyId,
    key_name: keyId === "k3" ? null : "shop",
    requests: 1,
    input_tokens: 10,
    cached_tokens: 0,
    cache_write_tokens: 0,
    output_tokens: 2,
    reasoning_tokens: 0,
    cost_usd: cost,
    meters: meters.map(([meter, units, cost_usd]) => ({ meter, units, cost_usd })),
  };
}

const USAGE = [
  use(
    "a",
    "k1",
    [
      ["input", 10, "0.1"],
      ["cached_input", 5, "0.000000001"],
    ],
    "0.100000001",
  ),
  use("b", "k1", [["input", 10, "0.2"]], "0.2"),
  use("b", "k2", [["other", null, "0.3"]], "0.3"),
  use("b", "k3", [["input", 1, "0"]], "0"),
];

test("models are added up, the dearest first", () => {
  expect(sumsOf(USAGE, "model").map(({ name, requests, cost }) => [name, requests, cost])).toEqual([
    ["b", 3, "0.5"],
    ["a", 1, "0.100000001"],
  ]);
});

test("keys of one name stand apart, and one that is gone by its id", () => {
  expect(sumsOf(USAGE, "key").map(({ name, cost }) => [name, cost])).toEqual([
    ["shop", "0.300000001"],
    ["shop", "0.3"],
    ["k3", "0"],
  ]);
});

test("meters add up to the same, and units that are not known are none", () => {
  expect(sumsOf(USAGE, "meter").map(({ name, units, cost }) => [name, units, cost])).toEqual([
    ["input", 21, "0.3"],
    ["other", null, "0.3"],
    ["cached input", 5, "0.000000001"],
  ]);
});
