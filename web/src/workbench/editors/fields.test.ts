import { expect, test } from "vitest";
import { bounds, fieldsOf, problem } from "./fields";

const SCHEMA = {
  type: "object",
  basic: ["model", "messages", "temperature", "max_tokens", "stream"],
  properties: {
    model: { type: "string" },
    messages: { type: "array" },
    stop: {
      title: "Stop",
      type: ["string", "array", "null"],
      maxItems: 2,
      items: { type: "string" },
      "x-order": 6,
    },
    max_tokens: { title: "Max tokens", type: ["integer", "null"], minimum: 1, maximum: 4096, "x-order": 4 },
    temperature: { type: ["number", "null"], minimum: 0, maximum: 2, default: 1, "x-order": 5 },
    stream: { type: "boolean" },
    old_limit: { type: "integer", deprecated: true },
    effort: { type: ["string", "null"], enum: ["low", "high", null], default: "low", "x-order": 3 },
    seed: { type: "integer", minimum: -(2 ** 63), maximum: 2 ** 63 },
    store: { type: ["boolean", "null"] },
    user: { type: ["string", "null"], maxLength: 3 },
    bias: { type: ["object", "null"], additionalProperties: { $ref: "#/$defs/weight" } },
    modalities: { type: ["array", "null"], items: { enum: ["text", "audio"] } },
    voice: { type: ["string", "object"] },
    tools: { type: "array" },
  },
  $defs: { weight: { type: "number", minimum: -100, maximum: 100 } },
};

function field(name: string) {
  const found = fieldsOf(SCHEMA).find((each) => each.name === name);
  if (found === undefined) throw new Error(`no field ${name}`);
  return found;
}

test("basic fields come first, the others in the schema's order; what has its own editor is left out", () => {
  const fields = fieldsOf(SCHEMA);
  expect(fields.map(({ name }) => name)).toEqual([
    ...["temperature", "max_tokens"],
    ...["effort", "stop", "seed", "store", "user", "bias", "modalities", "voice"],
  ]);
  expect(fields.filter(({ basic }) => basic).map(({ name }) => name)).toEqual(["temperature", "max_tokens"]);
});

test.each([
  ["temperature", "number"],
  ["max_tokens", "integer"],
  ["effort", "choice"],
  ["store", "boolean"],
  ["user", "text"],
  ["stop", "texts"],
  ["modalities", "set"],
  ["bias", "json"],
  ["voice", "json"],
])("%s is edited as %s", (name, kind) => {
  expect(field(name).kind).toBe(kind);
});

test("null is no value to choose", () => {
  expect(field("effort").choices).toEqual(["low", "high"]);
});

test("bounds that numbers cannot hold exactly are none", () => {
  expect(bounds(field("seed"))).toBeNull();
  expect(bounds(field("max_tokens"))).toBe("1 to 4,096");
});

test.each([
  ["temperature", 2.1, "Must be 0 to 2."],
  ["temperature", 0, null],
  ["max_tokens", 1.5, "Give a whole number."],
  ["max_tokens", 1, null],
  ["effort", "max", "This model takes low or high."],
  ["stop", ["a", "b", "c"], "At most 2."],
  ["stop", "END", null],
  ["user", "anna", "At most 3 characters."],
  ["modalities", ["video"], "This model takes text or audio."],
  ["seed", undefined, null],
  ["seed", null, null],
])("%s = %j: %s", (name, value, told) => {
  expect(problem(field(name), value)).toBe(told);
});

test("objects are checked by the schema with its definitions", () => {
  expect(problem(field("bias"), { 50256: -100 })).toBeNull();
  expect(problem(field("bias"), { 50256: -101 })).toContain("50256");
});
