/** Which figures the overview draws, and how it writes them. */
import { compact, duration, UNKNOWN, usd } from "../../ui/format";
import type { Added } from "./series";

export interface Figure {
  title: string;
  /** What a group has of it in one step; `unused` is the value of a step without a call. */
  read: (step: Added) => number | null;
  unused: 0 | null;
  write: (value: number) => string;
}

export const SPEND: Figure = {
  title: "Spend",
  read: (step) => (step.cost_usd === null ? null : Number(step.cost_usd)),
  unused: 0,
  write: (value) => usd(value >= 1 ? value.toFixed(2) : Number(value.toPrecision(4)).toFixed(9)),
};

export const REQUESTS: Figure = {
  title: "Requests",
  read: (step) => step.requests,
  unused: 0,
  write: (value) => (Number.isInteger(value) ? compact(value) : ""),
};

export const SUCCEEDED: Figure = {
  ...REQUESTS,
  title: "Succeeded",
  read: (step) => step.requests - step.failed,
};
export const ERRORS: Figure = { ...REQUESTS, title: "Errors", read: (step) => step.failed };

export const TOKENS: Figure = {
  title: "Tokens, in and out",
  read: (step) => step.input_tokens + step.output_tokens,
  unused: 0,
  write: compact,
};

export const TOKENS_IN: Figure = { ...TOKENS, title: "In", read: (step) => step.input_tokens };
export const TOKENS_OUT: Figure = { ...TOKENS, title: "Out", read: (step) => step.output_tokens };

export const LATENCY: Figure = {
  title: "Latency, median",
  read: (step) => step.p50_duration_ms,
  unused: null,
  write: duration,
};

export const LATENCY_95: Figure = { ...LATENCY, title: "Latency, p95", read: (step) => step.p95_duration_ms };
export const TTFT: Figure = { ...LATENCY, title: "First token, median", read: (step) => step.p50_ttft_ms };
export const TTFT_95: Figure = { ...LATENCY, title: "First token, p95", read: (step) => step.p95_ttft_ms };

export function valuesOf(steps: readonly (Added | null)[], figure: Figure): (number | null)[] {
  return steps.map((step) => (step === null ? figure.unused : figure.read(step)));
}

/** Dollars to the cent, or to two figures below a cent: where the exact amount stands nearby. */
export function dollarsShort(value: string | null): string {
  if (value === null) return UNKNOWN;
  const amount = Number(value);
  if (amount !== 0 && Math.abs(amount) < 0.01) return usd(Number(amount.toPrecision(2)).toFixed(9));
  return usd(amount.toFixed(2));
}
