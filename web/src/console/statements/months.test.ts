import { expect, test } from "vitest";
import { before, isMonth, monthName, monthOf, monthsBetween } from "./months";

test("months go back over the turn of a year, newest first", () => {
  expect(before("2026-01")).toBe("2025-12");
  expect(monthsBetween("2025-11", "2026-02")).toEqual(["2026-02", "2026-01", "2025-12", "2025-11"]);
  expect(monthsBetween("2026-12", "2026-11")).toEqual([]);
});

test("a time belongs to its month of UTC", () => {
  expect(monthOf("2026-10-31T23:59:59Z")).toBe("2026-10");
  expect(monthOf("2026-11-01T00:30:00+02:00")).toBe("2026-10");
  expect(monthName("2026-11")).toBe("November 2026");
});

test("only a month of the calendar is one", () => {
  expect([undefined, "", "2026-13", "26-11", "2026-11"].map(isMonth)).toEqual([
    false,
    false,
    false,
    false,
    true,
  ]);
});
