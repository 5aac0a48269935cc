import { expect, test } from "vitest";
import { schemaProblems, strictProblems } from "./schemas";

const GOOD = {
  type: "object",
  properties: {
    city: { type: "string", pattern: "^[A-Z]" },
    days: { type: ["integer", "null"], minimum: 1 },
    near: { $ref: "#/$defs/place" },
    tags: { type: "array", items: { enum: ["a", 1, null] } },
  },
  required: ["city"],
  additionalProperties: false,
  $defs: { place: { anyOf: [{ type: "string" }, { type: "null" }] } },
};

test("a schema is sound", () => {
  expect(schemaProblems(GOOD)).toEqual([]);
  expect(schemaProblems(true)).toEqual([]);
});

test.each([
  [{ type: "text" }, /^type: must be one of/],
  [{ properties: { a: { type: "str" } } }, /^properties\/a\/type: must be one of/],
  [{ properties: ["a"] }, /^properties: must be an object/],
  [{ required: "a" }, /^required: must be a list of names/],
  [{ enum: [] }, /^enum: must be a list/],
  [{ items: 7 }, /^items: must be an object/],
  [{ anyOf: [] }, /^anyOf: must be a list of schemas/],
  [{ oneOf: [{ minLength: -1 }] }, /^oneOf\/0\/minLength: must be a whole number/],
  [{ maximum: "10" }, /^maximum: must be a number/],
  [{ pattern: "(" }, /^pattern: is no regular expression/],
  [{ $ref: "#/$defs/gone" }, /^\$ref: leads nowhere/],
  [{ $ref: "https://example.com/schema.json" }, /^\$ref: leads nowhere/],
  ["text", /^The schema: must be an object/],
])("%j is none", (schema, told) => {
  const [first, ...others] = schemaProblems(schema);
  expect(first).toMatch(told);
  expect(others).toEqual([]);
});

test("a property may be called like a keyword", () => {
  expect(schemaProblems({ properties: { type: { type: "string" }, required: { type: "boolean" } } })).toEqual(
    [],
  );
});

test("strict wants objects closed and properties required, at every depth", () => {
  const inner = { type: "object", properties: { x: { type: "number" } }, required: ["x"] };
  expect(strictProblems({ ...GOOD, properties: { list: { type: "array", items: inner } } })).toEqual([
    'The schema: strict needs list in "required"',
    'properties/list/items: strict needs "additionalProperties": false',
  ]);
  expect(strictProblems({ ...inner, additionalProperties: false })).toEqual([]);
});
