import { expect, test } from "vitest";
import type { Tool } from "../call";
import { choiceAmong, nameProblem, parameterProblems, readTools, TEMPLATES } from "./tools";

const PARAMETERS = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
const WEATHER: Tool = { name: "get_weather", description: "Now.", parameters: PARAMETERS, strict: true };
const { parameters, ...REST } = WEATHER;

test.each([
  ["Chat Completions", { type: "function", function: WEATHER }],
  ["Responses", { type: "function", ...WEATHER }],
  ["Messages", { ...REST, input_schema: parameters }],
  ["a list", [{ type: "function", function: WEATHER }]],
  ["a request", { model: "m", tools: [{ type: "function", ...WEATHER }] }],
])("a tool is read from %s", (_, pasted) => {
  expect(readTools(JSON.stringify(pasted))).toEqual([WEATHER]);
});

test("what a tool leaves out gets its plainest value", () => {
  expect(readTools('{"name": "now"}')).toEqual([
    { name: "now", description: "", parameters: { type: "object", properties: {} }, strict: false },
  ]);
});

test.each([
  ["{", /no JSON/],
  ["[]", /empty/],
  ['{"type": "web_search"}', /of type web_search has no name/],
  ['{"name": "a", "parameters": []}', /no JSON Schema/],
  ['"tool"', /is an object/],
])("%s is refused in words", (pasted, told) => {
  expect(() => readTools(pasted)).toThrow(told);
});

test.each([
  ["get-weather_2", null],
  ["", /needs a name/],
  ["get weather", /Letters, digits/],
  ["x".repeat(65), /at most 64/],
  ["taken", /Another tool/],
])("the name %j", (name, told) => {
  const found = nameProblem(name, ["taken"]);
  if (told === null) expect(found).toBeNull();
  else expect(found).toMatch(told);
});

test("arguments are an object, and strict ones a closed one", () => {
  expect(parameterProblems({ ...WEATHER, parameters: { type: "string" } })[0]).toMatch(/must be "object"/);
  expect(parameterProblems({ ...WEATHER, strict: false })).toEqual([]);
  expect(parameterProblems(WEATHER)).toEqual(['The schema: strict needs "additionalProperties": false']);
});

test("templates are sound, also when they are made strict", () => {
  for (const { tool } of TEMPLATES) {
    expect(nameProblem(tool.name, [])).toBeNull();
    expect(parameterProblems({ ...tool, strict: true })).toEqual([]);
  }
});

test("a choice of a tool that is gone is none", () => {
  expect(choiceAmong([WEATHER], { name: "get_weather" })).toEqual({ name: "get_weather" });
  expect(choiceAmong([WEATHER], { name: "gone" })).toBeNull();
  expect(choiceAmong([WEATHER], "required")).toBe("required");
  expect(choiceAmong([], "required")).toBeNull();
});
