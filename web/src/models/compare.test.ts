import { expect, test } from "vitest";
import type { Benchmark, ModelPage, PriceTable } from "../api/types";
import { card } from "./cards.fixture";
import { type Compared, comparison, differs, type Row } from "./compare";

function score(name: string, value: number): Benchmark {
  return {
    name,
    group: "Indexes",
    score: value,
    unit: "%",
    source: "a lab",
    retrieved_at: "2026-11-20",
    version: null,
    gloss: null,
  };
}

function table(above: number, input: string, batch: string | null = null): PriceTable {
  return {
    above_input_tokens: above,
    lines: [{ meter: "input", label: "Input", standard: input, batch, priority: null, as_meter: null }],
  };
}

function compared(id: string, said: Partial<ModelPage>, of: Parameters<typeof card>[1] = {}): Compared {
  const page = {
    tiles: [],
    specifications: [],
    prices: [],
    typical_calls: [],
    benchmarks: [],
    ...said,
  } as unknown as ModelPage;
  return { card: card(id, of), page };
}

const ONE = compared(
  "one",
  {
    specifications: [{ name: "Tokenizer", value: "o200k_base", note: null }],
    prices: [table(0, "0.4", "0.2"), table(200_000, "0.8", "0.4")],
    benchmarks: [{ name: "Indexes", scores: [score("MMLU", 78.1), score("GPQA", 50)] }],
  },
  { context_tokens: 8192, features: [{ name: "tools", label: "Tools" }], supported_parameters: ["stop"] },
);
const OTHER = compared(
  "other",
  { prices: [table(0, "0.4")], benchmarks: [{ name: "Indexes", scores: [score("MMLU", 60)] }] },
  { context_tokens: 8192, supported_parameters: ["stop", "seed"] },
);

function rows(group: string, models = [ONE, OTHER]): Record<string, readonly string[]> {
  const found = comparison(models).find((each) => each.name.startsWith(group))?.rows ?? [];
  return Object.fromEntries(found.map((row: Row) => [row.name, row.texts]));
}

test("every fact has a text for each model, a dash where it is unknown", () => {
  expect(rows("Overview")).toMatchObject({
    Kind: ["chat", "chat"],
    "Context, tokens": ["8,192", "8,192"],
  });
  expect(rows("Overview")).not.toHaveProperty("Developer");
  expect(rows("Specifications")).toEqual({ Tokenizer: ["o200k_base", "–"] });
  expect(rows("Features")).toEqual({ Tools: ["yes", "no"] });
  expect(rows("Request parameters")).toEqual({ stop: ["yes", "yes"], seed: ["no", "yes"] });
});

test("a price holds above a step at which only another model's changes", () => {
  expect(rows("Prices")).toEqual({
    Input: ["$0.40", "$0.40"],
    "Input, batch": ["$0.20", "–"],
    "Input, above 200,000 input": ["$0.80", "$0.40"],
    "Input, batch, above 200,000 input": ["$0.40", "–"],
  });
});

test("benchmarks are those that all have", () => {
  expect(rows("Benchmarks")).toEqual({ MMLU: ["78.1%", "60%"] });
  const none = comparison([ONE, compared("bare", {})]).find((group) => group.name === "Benchmarks");
  expect(none).toMatchObject({ rows: [], empty: "No benchmark is known for all of them." });
});

test("rows differ when their texts do", () => {
  expect(differs({ name: "a", texts: ["x", "x"] })).toBe(false);
  expect(differs({ name: "a", texts: ["x", "–"] })).toBe(true);
});
