import { expect, test } from "vitest";
import { ago, compact, count, duration, nusd, percent, UNKNOWN, usd } from "./format";

test.each([
  ["0.4", "$0.40"],
  ["1234.5", "$1,234.50"],
  ["0.000000001", "$0.000000001"],
  ["-3", "-$3.00"],
  [0.25, "$0.25"],
  [0.1 + 0.2, "$0.30"],
])("%s dollars read %s", (value, text) => {
  expect(usd(value)).toBe(text);
});

test.each([
  [1, "$0.000000001"],
  [720_000, "$0.00072"],
  [-1_500_000_000, "-$1.50"],
  [9_007_199_254_740_991, "$9,007,199.254740991"],
])("%d billionths read %s", (value, text) => {
  expect(nusd(value)).toBe(text);
});

test("what is unknown is no zero", () => {
  for (const write of [usd, nusd, count, compact, percent, duration]) {
    expect(write(null)).toBe(UNKNOWN);
    expect(write(undefined)).toBe(UNKNOWN);
  }
});

test("durations have the unit in which they are read", () => {
  expect([999, 1234, 45_678, 61_000].map(duration)).toEqual(["999 ms", "1.23 s", "45.7 s", "1 min 1 s"]);
});

test("times past are told roughly", () => {
  const now = Date.parse("2026-11-20T12:00:00Z");
  expect(ago("2026-11-20T11:59:30Z", now)).toBe("just now");
  expect(ago("2026-11-20T10:00:00Z", now)).toBe("2 h ago");
  expect(ago("2026-11-01T10:00:00Z", now)).toBe("1 Nov 2026");
});
