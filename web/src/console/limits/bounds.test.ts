import { expect, test } from "vitest";
import { boundsOf, draftOf, isUnbounded, problem } from "./bounds";

const NONE = draftOf(null);

test("an empty form bounds nothing", () => {
  expect(isUnbounded(boundsOf(NONE))).toBe(true);
});

test("what is typed comes back as it was set", () => {
  const bounds = boundsOf({ ...NONE, requests_per_minute: " 60 ", month_usd: "12.50" });
  expect(bounds.limits.requests_per_minute).toBe(60);
  expect(bounds.budget.month_usd).toBe("12.50");
  expect(draftOf(bounds)).toEqual({ ...NONE, requests_per_minute: "60", month_usd: "12.50" });
});

test("zero is a bound, not none", () => {
  expect(isUnbounded(boundsOf({ ...NONE, concurrency: "0" }))).toBe(false);
});

test.each(["-1", "1.5", "many", "1e3"])("%s is no whole number", (text) => {
  expect(problem("concurrency", text)).not.toBeNull();
});

test.each(["-1", "1,50", "$3", "0.0000000001"])("%s is no amount of dollars", (text) => {
  expect(problem("day_usd", text)).not.toBeNull();
});
