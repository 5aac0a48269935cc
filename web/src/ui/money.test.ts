import { expect, test } from "vitest";
import { billionths, dollars, sum, typedAmount } from "./money";

test.each([
  ["0", 0n],
  ["0.000000001", 1n],
  ["-1.5", -1_500_000_000n],
  ["123456789.123456789", 123_456_789_123_456_789n],
])("%s dollars are exact both ways", (text, value) => {
  expect(billionths(text)).toBe(value);
  expect(dollars(value)).toBe(text);
});

test("what floats would round adds up", () => {
  expect(sum(["0.1", "0.2", null])).toBe("0.3");
  expect(sum(Array.from({ length: 1000 }, () => "0.000000001"))).toBe("0.000001");
  expect(sum([null, null])).toBeNull();
  expect(sum(["9007199.254740993", "0.000000001"])).toBe("9007199.254740994");
});

test.each([
  ["25", "25"],
  [" $12.50 ", "12.5"],
  [".5", "0.5"],
  ["1,234.5", "1234.5"],
  ["0007", "7"],
  ["0.000000001", "0.000000001"],
])("%s is taken as %s", (text, amount) => {
  expect(typedAmount(text)).toEqual({ amount, error: null });
});

test.each([
  "",
  ".",
  "1e3",
  "0x10",
  "12,50",
  "1.2.3",
  "-5",
  "0",
  "0.00",
  "0.0000000001",
  "10000000",
  "NaN",
  "1,2",
])("%s is refused with a reason", (text) => {
  const typed = typedAmount(text);
  expect(typed.amount).toBeNull();
  expect(typed.error).toMatch(/\w/);
});

test("a correction may go below zero, a credit may be zero", () => {
  expect(typedAmount("-$5", { signed: true }).amount).toBe("-5");
  expect(typedAmount("0", { zero: true }).amount).toBe("0");
  expect(typedAmount("-0", { signed: true, zero: true }).amount).toBe("0");
});
