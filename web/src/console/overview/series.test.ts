import { expect, test } from "vitest";
import type { UsageGroup } from "../../api/types";
import { linesOf, stepOf, timesOf } from "./series";

const DAY_S = 86_400;

function row(day: string, model: string, requests: number, cost: string | null): UsageGroup {
  return {
    day,
    model,
    requests,
    failed: 1,
    input_tokens: 10,
    cached_tokens: 0,
    cache_write_tokens: 0,
    cache_write_1h_tokens: 0,
    audio_input_tokens: 0,
    image_input_tokens: 0,
    audio_output_tokens: 0,
    mean_ttft_ms: null,
    mean_duration_ms: 0,
    output_tokens: 5,
    reasoning_tokens: 0,
    estimated: 0,
    cost_usd: cost,
    p50_ttft_ms: 100,
    p95_ttft_ms: 200,
    p50_duration_ms: 300,
    p95_duration_ms: 400,
  };
}

test("a window is cut into whole steps of UTC, its first and last included", () => {
  expect(timesOf([DAY_S + 10, 3 * DAY_S + 1], "day")).toEqual([DAY_S, 2 * DAY_S, 3 * DAY_S]);
  expect(timesOf([0, 120], "minute")).toEqual([0, 60]);
});

test("steps are as fine as the window is short", () => {
  expect((["1h", "24h", "7d", "30d"] as const).map((span) => stepOf({ span }))).toEqual([
    "minute",
    "hour",
    "day",
    "day",
  ]);
  const custom = (from: string, until: string) => stepOf({ span: "custom", from, until });
  expect(custom("2026-11-01T00:00", "2026-11-01T02:00")).toBe("minute");
  expect(custom("2026-11-01T00:00", "2026-11-03T00:00")).toBe("hour");
  expect(custom("2026-11-01T00:00", "2026-11-30T00:00")).toBe("day");
  expect(custom("", "")).toBe("day");
});

test("every group has a value for every step, and none where it was not used", () => {
  const rows = [row("1970-01-02", "b", 2, "0.1"), row("1970-01-03", "a", 3, "0.2")];
  const lines = linesOf(rows, timesOf([DAY_S, 3 * DAY_S], "day"), "day", "model", ["a", "b"]);
  expect(lines.map(({ group, steps }) => [group, steps.map((step) => step?.requests ?? null)])).toEqual([
    ["a", [null, 3]],
    ["b", [2, null]],
  ]);
});

test("groups beyond the first five are added up, money exactly and percentiles not at all", () => {
  const models = ["a", "b", "c", "d", "e", "f", "g"];
  const rows = models.map((model) => row("1970-01-02", model, 1, model === "f" ? null : "0.1"));
  const lines = linesOf(rows, [DAY_S], "day", "model", models);
  expect(lines.map(({ group }) => group)).toEqual(["a", "b", "c", "d", "e", null]);
  expect(lines.at(-1)?.steps[0]).toMatchObject({
    requests: 2,
    failed: 2,
    cost_usd: "0.1",
    p50_ttft_ms: null,
  });
});

test("without groups there is one line", () => {
  const lines = linesOf([row("1970-01-02", "a", 4, null)], [DAY_S], "day", null, [""]);
  expect(lines).toHaveLength(1);
  expect(lines[0]?.steps[0]).toMatchObject({ requests: 4, cost_usd: null });
});
