import { expect, test } from "vitest";
import { card } from "./cards.fixture";
import { conditions, type Filters, filtered, options, readFilters, writeFilters } from "./filters";

const CARDS = [
  card("harbour", {
    name: "Harbour",
    aliases: ["port/harbour"],
    developer: "Docks",
    released: "2025-04-14",
    context_tokens: 1_000_000,
    input_modalities: ["text", "image"],
    features: [
      { name: "tools", label: "Tools" },
      { name: "json_mode", label: "JSON mode" },
    ],
    prices: { input: "0.4", cached_input: "0.1", output: "1.6" },
    providers: ["openai", "openrouter"],
    callable: true,
  }),
  card("quay", {
    name: "Quay",
    developer: "Docks",
    released: "2026-01-01",
    context_tokens: 8_192,
    features: [{ name: "tools", label: "Tools" }],
    prices: { input: "10", cached_input: null, output: "2" },
    providers: ["openai"],
  }),
  card("buoy", { name: "Buoy", kind: "embedding", developer: "Sea", output_modalities: ["embeddings"] }),
  card("sandbox/echo", { name: "Echo", sandbox: true, callable: true, providers: ["sandbox"] }),
];

function ids(query: string): string[] {
  return filtered(CARDS, readFilters(new URLSearchParams(query))).map((each) => each.id);
}

test.each([
  ["", ["harbour", "quay", "buoy"]],
  ["sandbox=true", ["harbour", "quay", "buoy", "sandbox/echo"]],
  ["search=PORT%2Fh", ["harbour"]],
  ["search=docks+json", ["harbour"]],
  ["developer=Docks&developer=Sea", ["harbour", "quay", "buoy"]],
  ["feature=tools", ["harbour", "quay"]],
  ["feature=tools&feature=json_mode", ["harbour"]],
  ["input=image", ["harbour"]],
  ["output=embeddings", ["buoy"]],
  ["kind=embedding", ["buoy"]],
  ["provider=openrouter&sandbox=true", ["harbour"]],
  ["status=deprecated", []],
  ["callable=true", ["harbour"]],
  ["context=8192", ["harbour", "quay"]],
  ["context=8193", ["harbour"]],
  ["context=much", ["harbour", "quay", "buoy"]],
  ["input_max=0.4", ["harbour"]],
  ["input_min=0.41", ["quay"]],
  ["output_min=1.7&output_max=2.0", ["quay"]],
  ["input_max=cheap", ["harbour", "quay", "buoy"]],
])("the query %s leaves %j", (query, expected) => {
  expect(ids(query)).toEqual(expected);
});

test.each([
  ["name", ["buoy", "harbour", "quay"]],
  ["-released", ["quay", "harbour", "buoy"]],
  ["-context", ["harbour", "quay", "buoy"]],
  ["input_price", ["harbour", "quay", "buoy"]],
  ["-output_price", ["quay", "harbour", "buoy"]],
  ["nonsense", ["harbour", "quay", "buoy"]],
])("sorted by %s, what is unknown comes last", (sort, expected) => {
  expect(ids(`sort=${sort}`)).toEqual(expected);
});

test("filters are written to an address as they were read from it, beside what others wrote", () => {
  const query =
    "pick=quay&search=a+b&developer=Docks&developer=Sea&feature=tools&input_min=0.1&context=8192&callable=true&sort=name";
  const params = new URLSearchParams(query);
  expect(writeFilters(readFilters(params), params).toString()).toBe(query);
  const none: Filters = readFilters(new URLSearchParams());
  expect(writeFilters(none, params).toString()).toBe("pick=quay");
  expect(conditions(readFilters(params))).toBe(6);
});

test("a choice says how many models it would leave, whatever else is chosen beside it", () => {
  const filters = readFilters(new URLSearchParams("developer=Docks&feature=json_mode"));
  expect(options(CARDS, filters, "developer")).toEqual([
    { id: "Docks", label: "Docks", count: 1 },
    { id: "Sea", label: "Sea", count: 0 },
  ]);
  expect(options(CARDS, filters, "feature")).toEqual([
    { id: "tools", label: "Tools", count: 1 },
    { id: "json_mode", label: "JSON mode", count: 1 },
  ]);
  expect(options(CARDS, filters, "provider").map(({ id }) => id)).not.toContain("sandbox");
});
