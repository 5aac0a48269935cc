/** Usage rows as lines over time: one value for each step of the window, also where nothing was called. */
import type { UsageGroup, UsageSums } from "../../api/types";
import { sum } from "../../ui/money";
import type { FieldName } from "../filter";
import { DAY_S, HOUR_S, type TimeWindow } from "../window";

export type Step = "minute" | "hour" | "day";
export type Grouping = Exclude<FieldName, "mode">;

export const GROUP_FIELDS = { model: "model", key: "key_id", member: "member_id" } as const;
const STEP_S: Readonly<Record<Step, number>> = { minute: 60, hour: HOUR_S, day: DAY_S };

/** Groups that have a line of their own; the others share one. */
const MOST_LINES = 5;

/** A group's figures over time; null where the group was not used. */
export interface Line {
  /** Null for what all groups without a line of their own have together. */
  group: string | null;
  steps: readonly (Added | null)[];
}

/** Figures that can be added up. Percentiles cannot: those of several groups together are unknown. */
export type Added = Pick<UsageSums, "requests" | "failed" | "input_tokens" | "output_tokens" | "cost_usd"> &
  Record<"p50_duration_ms" | "p95_duration_ms" | "p50_ttft_ms" | "p95_ttft_ms", number | null>;

/** As fine as it is still read at a glance. */
export function stepOf(window: TimeWindow): Step {
  if (window.span !== "custom")
    return window.span === "1h" ? "minute" : window.span === "24h" ? "hour" : "day";
  if (window.from === "") return "day";
  const untilMs = window.until === "" ? Date.now() : Date.parse(`${window.until}:00Z`);
  const lengthS = (untilMs - Date.parse(`${window.from}:00Z`)) / 1000;
  if (lengthS <= 2 * HOUR_S) return "minute";
  return lengthS <= 3 * DAY_S ? "hour" : "day";
}

/** The beginnings of all steps of a window, in seconds. */
export function timesOf([fromS, untilS]: [number, number], step: Step): number[] {
  const lengthS = STEP_S[step];
  const times: number[] = [];
  for (let at = Math.floor(fromS / lengthS) * lengthS; at < untilS; at += lengthS) times.push(at);
  return times;
}

export function groupOf(row: UsageGroup, by: Grouping | null): string {
  return by === null ? "" : (row[GROUP_FIELDS[by]] ?? "");
}

/** `groups` in the order of their lines: those beyond the first few share the last line. */
export function linesOf(
  rows: readonly UsageGroup[],
  times: readonly number[],
  step: Step,
  by: Grouping | null,
  groups: readonly string[],
): Line[] {
  const own = groups.slice(0, MOST_LINES);
  const found = new Map<string | null, Map<number, UsageGroup[]>>();
  for (const row of rows) {
    const group = groupOf(row, by);
    const line = own.includes(group) ? group : null;
    const steps = found.get(line) ?? new Map<number, UsageGroup[]>();
    found.set(line, steps);
    const at = timeOf(row, step);
    steps.set(at, [...(steps.get(at) ?? []), row]);
  }
  const lines: (string | null)[] = found.has(null) ? [...own, null] : own;
  return lines.map((group) => ({
    group,
    steps: times.map((at) => added(found.get(group)?.get(at) ?? [])),
  }));
}

export function timeOf(row: UsageGroup, step: Step): number {
  return Date.parse(row[step] ?? "") / 1000;
}

function added(rows: readonly UsageGroup[]): Added | null {
  const [first, ...more] = rows;
  if (first === undefined) return null;
  if (more.length === 0) return first;
  const total = (read: (row: UsageGroup) => number) => rows.reduce((before, row) => before + read(row), 0);
  return {
    requests: total((row) => row.requests),
    failed: total((row) => row.failed),
    input_tokens: total((row) => row.input_tokens),
    output_tokens: total((row) => row.output_tokens),
    cost_usd: sum(rows.map((row) => row.cost_usd)),
    p50_duration_ms: null,
    p95_duration_ms: null,
    p50_ttft_ms: null,
    p95_ttft_ms: null,
  };
}
