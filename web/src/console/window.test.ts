import { expect, test } from "vitest";
import { customWindow, ends, windowOf, windowQuery } from "./window";

const at = (query: string) => windowOf(new URLSearchParams(query), "24h");

test("the address says which window is meant, and the usual one stands in for what makes no sense", () => {
  expect(at("")).toEqual({ span: "24h" });
  expect(at("window=7d")).toEqual({ span: "7d" });
  expect(at("window=900y")).toEqual({ span: "24h" });
  expect(at("window=custom&from=2026-11-01T00:00&until=tomorrow")).toEqual({
    span: "custom",
    from: "2026-11-01T00:00",
    until: "",
  });
});

test("the API gets a period, or ends that name UTC", () => {
  expect(windowQuery(at("window=30d"))).toEqual({ period: "30d" });
  expect(windowQuery(at("window=custom&from=2026-11-01T00:00"))).toEqual({ from: "2026-11-01T00:00:00Z" });
});

test("a window of one's own begins as the last day, now included", () => {
  expect(customWindow(Date.parse("2026-11-20T12:30:20Z"))).toEqual({
    from: "2026-11-19T12:30",
    until: "2026-11-20T12:31",
  });
});

test("an answer's window is read by either name", () => {
  expect(ends({ start: "1970-01-01T00:01:00Z", end: "1970-01-01T01:00:00Z" })).toEqual([60, 3600]);
  expect(ends({ from: "1970-01-01T00:00:10Z", until: "1970-01-01T00:00:20Z" })).toEqual([10, 20]);
});
