import { expect, test } from "vitest";
import { daysLeft } from "./days";

test.each([
  ["2026-11-20", 0],
  ["2026-11-21", 1],
  ["2027-01-14", 55],
  ["2026-11-18", -2],
  [null, null],
])("until %s it is %s days", (date, days) => {
  expect(daysLeft(date, Date.parse("2026-11-20T12:00:00Z"))).toBe(days);
});
