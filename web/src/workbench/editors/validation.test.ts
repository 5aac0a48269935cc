import { expect, test } from "vitest";
import type { ResponseFormat } from "../call";
import { validate } from "./validation";

const FORMAT: ResponseFormat = {
  type: "json_schema",
  name: "place",
  schema: {
    type: "object",
    properties: {
      name: { type: "string" },
      berths: { type: "array", items: { type: "integer", minimum: 1 } },
    },
    required: ["name"],
    additionalProperties: false,
  },
  strict: true,
};

test("an answer that fits has nothing wrong with it", () => {
  expect(validate(FORMAT, '{"name": "Hamburg", "berths": [1, 2]}')).toEqual([]);
  expect(validate({ type: "json_object" }, "{}")).toEqual([]);
  expect(validate({ type: "text" }, "{")).toEqual([]);
});

test("each error says where it is", () => {
  const told = validate(FORMAT, '{"berths": [1, 0]}');
  expect(told).toHaveLength(2);
  expect(told.join("\n")).toContain('required property "name"');
  expect(told.join("\n")).toContain("berths/1: ");
});

test("what the schema does not know is told by its name", () => {
  expect(validate(FORMAT, '{"name": "Hamburg", "country": "DE"}').join()).toContain("country");
});

test("an answer that is cut off, or no object, is told so", () => {
  expect(validate(FORMAT, '{"name": "Ham')[0]).toMatch(/^The answer is no JSON: /);
  expect(validate({ type: "json_object" }, "[]")).toEqual(["The answer is JSON, but no object."]);
});

test("a wrong schema checks nothing", () => {
  expect(validate({ ...FORMAT, schema: { type: "thing" } }, "{}")).toEqual([
    "The schema itself is wrong, so nothing can be checked.",
  ]);
});
