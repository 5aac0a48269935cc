import { expect, test } from "vitest";
import { explained } from "./failures";

test("a code says more than a status, and every failure says something", () => {
  expect(explained(502, "upstream_unreachable")).toMatch(/connection/);
  expect(explained(499, null)).toMatch(/client went away/);
  expect(explained(429, "of a provider's own")).toMatch(/Too much/);
  expect(explained(400, "x")).not.toBe(explained(500, "x"));
  expect(explained(500, "constructor")).toMatch(/failed/);
});
