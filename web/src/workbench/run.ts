/** One call of a model: sent, read to its end and measured. What went over the wire is kept beside it. */
import { ApiError, errorOf, noAnswer } from "../api/client";
import { isWritten } from "./answer";
import type { Shaped } from "./protocols/request";
import type { Delta, Fault, Reader, Usage } from "./protocols/stream";
import { type SseEvent, sseParser } from "./sse";

interface RawEvent extends SseEvent {
  /** Since the call was sent. */
  atMs: number;
}

/** What went over the wire. It is written while the call runs, and read when somebody looks. */
export interface Raw {
  request: { method: string; url: string; headers: Readonly<Record<string, string>>; body: unknown };
  response: { status: number; headers: readonly (readonly [string, string])[]; atMs: number } | null;
  events: RawEvent[];
  /** How many events came after as many as are kept. */
  omitted: number;
  /** The body of an answer that is no stream. */
  body: string | null;
}

export interface Ending {
  status: "done" | "stopped" | "failed";
  error: Error | null;
  ttftMs: number | null;
  totalMs: number;
}

interface Told {
  /** The head of the answer has come. */
  onHead: (response: Response) => void;
  onDeltas: (deltas: readonly Delta[]) => void;
}

const KEPT_CHARACTERS = 1_000_000;
const KEPT_EVENTS = 20_000;

export function rawOf(shaped: Shaped): Raw {
  const headers = {
    authorization: "Bearer …",
    "content-type": "application/json",
    accept: "text/event-stream",
  };
  const request = {
    method: "POST",
    url: new URL(shaped.path, location.origin).href,
    headers,
    body: shaped.body,
  };
  return { request, response: null, events: [], omitted: 0, body: null };
}

/** Never throws: what goes wrong is the ending's error. */
export async function run(
  raw: Raw,
  token: string,
  reader: Reader,
  signal: AbortSignal,
  told: Told,
  now: () => number = () => performance.now(),
): Promise<Ending> {
  const sentAt = now();
  let ttftMs: number | null = null;
  let isWhole = false;
  let fault: Fault | null = null;
  const ending = (status: Ending["status"], error: Error | null): Ending => ({
    status,
    error,
    ttftMs,
    totalMs: now() - sentAt,
  });
  const keep = keeper(raw);
  try {
    const response = await send(raw, token, signal);
    raw.response = { status: response.status, headers: [...response.headers], atMs: now() - sentAt };
    told.onHead(response);
    if (!response.ok || response.body === null) return ending("failed", await refusal(response, raw));
    for await (const event of events(response.body)) {
      const atMs = now() - sentAt;
      keep({ ...event, atMs });
      const deltas = reader(event);
      if (ttftMs === null && deltas.some(isWritten)) ttftMs = atMs;
      for (const delta of deltas) {
        if (delta.kind === "end") isWhole = true;
        if (delta.kind === "error") fault = delta.fault;
      }
      if (deltas.length > 0) told.onDeltas(deltas);
    }
  } catch (error) {
    if (signal.aborted) return ending("stopped", null);
    return ending("failed", lost(error, raw));
  }
  if (signal.aborted) return ending("stopped", null);
  if (fault !== null) return ending("failed", faulty(fault, raw));
  return isWhole ? ending("done", null) : ending("failed", broken(raw));
}

function send(raw: Raw, token: string, signal: AbortSignal): Promise<Response> {
  return fetch(raw.request.url, {
    method: "POST",
    headers: { ...raw.request.headers, authorization: `Bearer ${token}` },
    body: JSON.stringify(raw.request.body),
    credentials: "omit",
    cache: "no-store",
    signal,
  });
}

/** A fast stream has always more to read: the page gets its turn after so long. */
const SLICE_MS = 8;

async function* events(body: ReadableStream<Uint8Array>): AsyncGenerator<SseEvent> {
  const parse = sseParser();
  const chunks = body.getReader();
  let since = performance.now();
  try {
    for (;;) {
      const askedAt = performance.now();
      const next = await chunks.read();
      if (next.done) return;
      if (performance.now() - askedAt > 1) since = performance.now(); // it had to wait, so the page had its turn
      for (const event of parse(next.value)) {
        yield event;
        if (performance.now() - since < SLICE_MS) continue;
        await turn();
        since = performance.now();
      }
    }
  } finally {
    chunks.cancel().catch(() => undefined); // it may have failed already
  }
}

/** Waits for the page's next turn. Unlike a timer it is not slowed down where the page is not in view. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

/** Keeps events until there are too many, and counts the others. */
function keeper(raw: Raw): (event: RawEvent) => void {
  let characters = 0;
  return (event) => {
    characters += event.data.length;
    if (characters <= KEPT_CHARACTERS && raw.events.length < KEPT_EVENTS) raw.events.push(event);
    else raw.omitted += 1;
  };
}

async function refusal(response: Response, raw: Raw): Promise<ApiError> {
  raw.body = await response.text();
  try {
    return errorOf(response, JSON.parse(raw.body));
  } catch {
    return errorOf(response, null);
  }
}

function faulty(fault: Fault, raw: Raw): ApiError {
  const id = fault.requestId ?? requestId(raw);
  return new ApiError(fault.message, raw.response?.status ?? 0, fault.code, fault.param, id, null);
}

function broken(raw: Raw): ApiError {
  const message = "The answer broke off: the connection ended before it was complete.";
  return new ApiError(message, raw.response?.status ?? 0, "stream_broken", null, requestId(raw), null);
}

function lost(error: unknown, raw: Raw): Error {
  if (!(error instanceof TypeError)) return error instanceof Error ? error : new Error(String(error));
  if (raw.response !== null) return broken(raw);
  return noAnswer();
}

function requestId(raw: Raw): string | null {
  return raw.response?.headers.find(([name]) => name === "x-request-id")?.[1] ?? null;
}

/**
 * Tokens a second from the first one on. Tokens of reasoning that was not shown were written before that and do not
 * count.
 */
export function tokensPerS(ending: Ending, usage: Usage | null, isReasoningShown: boolean): number | null {
  if (usage?.outputTokens == null || ending.ttftMs === null) return null;
  const tokens = usage.outputTokens - (isReasoningShown ? 0 : (usage.reasoningTokens ?? 0));
  const ms = ending.totalMs - ending.ttftMs;
  return tokens > 1 && ms > 1 ? (tokens / ms) * 1000 : null;
}
