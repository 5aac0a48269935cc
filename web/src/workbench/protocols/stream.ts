/** What an answer's stream tells, whatever protocol it is told in. */
import { isRecord } from "../../api/client";
import type { SseEvent } from "../sse";

export interface Usage {
  inputTokens: number | null;
  outputTokens: number | null;
  cachedTokens: number | null;
  reasoningTokens: number | null;
  /** Dollars as a decimal string. Null where the hub knows no price. */
  costUsd: string | null;
  /** Whether the hub counted the tokens itself. */
  estimated: boolean;
}

type Finish = "stop" | "length" | "tool_calls" | "content_filter" | "refusal";

export interface Fault {
  message: string;
  code: string | null;
  param: string | null;
  requestId: string | null;
}

export type Delta =
  | { kind: "text"; text: string }
  | { kind: "reasoning"; text: string }
  /** A new call, or more of its arguments; calls are told apart by `key`. */
  | { kind: "tool"; key: string; id?: string; name?: string; arguments: string }
  | { kind: "usage"; usage: Usage }
  | { kind: "finish"; reason: Finish | string }
  | { kind: "error"; fault: Fault }
  | { kind: "carried"; value: unknown }
  /** The stream is whole. One that closes without it has broken off. */
  | { kind: "end" };

/** Reads one stream, event by event. Nothing in it depends on when the events come. */
export type Reader = (event: SseEvent) => Delta[];

/** The object in an event's data, or null when there is none: what cannot be read tells nothing. */
export function object(event: SseEvent): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(event.data);
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

export function record(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function string(value: unknown): string {
  return typeof value === "string" ? value : "";
}

export function number(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/** A part of an answer, or nothing where it is empty. */
export function said(kind: "text" | "reasoning", value: unknown): Delta[] {
  const text = string(value);
  return text === "" ? [] : [{ kind, text }];
}

export function fault(error: unknown, requestId?: unknown): Delta {
  const told = record(error);
  return {
    kind: "error",
    fault: {
      message: string(told.message) || "The answer broke off.",
      code: string(told.code) || string(told.type) || null,
      param: string(told.param) || null,
      requestId: string(told.request_id) || string(requestId) || null,
    },
  };
}

/** What the usage of every protocol says under the same names. The ledger counts in billionths of a dollar. */
export function costs(usage: Record<string, unknown>): Pick<Usage, "costUsd" | "estimated"> {
  const cost = number(usage.cost);
  return {
    costUsd: cost === null ? string(usage.cost) || null : cost.toFixed(9).replace(/\.?0+$/, ""),
    estimated: usage.estimated === true,
  };
}
