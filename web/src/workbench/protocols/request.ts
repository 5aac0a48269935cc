/** What the requests of the three protocols have in common. */
import { isRecord } from "../../api/client";
import type { Call, ToolCall, Turn } from "../call";

export interface Shaped {
  path: string;
  body: Record<string, unknown>;
  /** Parameters that were set and that the protocol has no place for. */
  dropped: string[];
}

/** Fields of the request schema that have their own place in a call, or that the workbench itself decides. */
const OWN = new Set([
  "model",
  "messages",
  "stream",
  "stream_options",
  "tools",
  "tool_choice",
  "response_format",
]);

/** Where a parameter goes: a path with dots, or a function that writes it into the body and says false if it cannot. */
type Place = string | ((body: Record<string, unknown>, value: unknown, call: Call) => unknown);

/**
 * Writes the call's parameters into `body` by a table of places, and lists those that have none. `others` says whether
 * parameters that the table does not name pass under their own name.
 */
export function placeParameters(
  call: Call,
  body: Record<string, unknown>,
  places: Readonly<Record<string, Place | null>>,
  others: "pass" | "drop",
): string[] {
  const dropped: string[] = [];
  for (const [name, value] of Object.entries(call.parameters)) {
    if (OWN.has(name) || value === undefined || value === null) continue;
    const place = Object.hasOwn(places, name) ? places[name] : others === "pass" ? name : null;
    if (place == null) dropped.push(name);
    else if (typeof place === "string") put(body, place, value);
    else if (place(body, value, call) === false) dropped.push(name);
  }
  return dropped;
}

export function put(body: Record<string, unknown>, path: string, value: unknown): void {
  const names = path.split(".");
  const last = names.pop() ?? path;
  let place = body;
  for (const name of names) {
    const inner = (place[name] ?? {}) as Record<string, unknown>;
    place[name] = inner;
    place = inner;
  }
  place[last] = value;
}

export function isImage(mediaType: string): boolean {
  return mediaType.startsWith("image/");
}

/** The part of a `data:` URL behind the comma. */
export function base64(url: string): string {
  return url.slice(url.indexOf(",") + 1);
}

/** The text of an attached text file. */
export function decoded(url: string): string {
  const bytes = Uint8Array.from(atob(base64(url)), (letter) => letter.charCodeAt(0));
  return new TextDecoder().decode(bytes);
}

/** Whether an assistant's turn has anything that could be sent: one that failed at once has not. */
export function isEmpty(turn: Turn): boolean {
  return turn.role === "assistant" && turn.text === "" && turn.toolCalls.length === 0;
}

/** Arguments as the object that some protocols want; what is none goes as the text it is. */
export function argumentsObject(call: ToolCall): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(call.arguments || "{}");
    if (isRecord(value)) return value;
  } catch {
    // Told below.
  }
  return { invalid_json: call.arguments };
}

/** What a turn carries for a protocol, when it was that protocol that told it. */
export function carriedFor(
  turn: Extract<Turn, { role: "assistant" }>,
  protocol: string,
): readonly unknown[] | null {
  const carried = turn.carried as { protocol?: unknown; items?: unknown } | undefined;
  return carried?.protocol === protocol && Array.isArray(carried.items) && carried.items.length > 0
    ? carried.items
    : null;
}
