/**
 * The key with which this tab calls models. It stands in the tab's own storage, in no address and in no cookie, so that
 * it is gone with the tab and no other site's request can spend it.
 */
import { useSyncExternalStore } from "react";
import { recall, remember } from "./stored";

export interface CallKey {
  token: string;
  mode: "live" | "test";
}

const PLACE = "entrepot.key";
const listeners = new Set<() => void>();
let current = keyOf(recall(PLACE, "sessionStorage") ?? "");

export function useCallKey(): CallKey | null {
  return useSyncExternalStore(subscribe, callKey);
}

export function callKey(): CallKey | null {
  return current;
}

export function setCallKey(token: string | null): void {
  current = token === null ? null : keyOf(token);
  remember(PLACE, current?.token ?? null, "sessionStorage");
  for (const listener of listeners) listener();
}

/** What a pasted text is a key of, or null when it is none of this hub's. */
export function keyOf(text: string): CallKey | null {
  const match = /^ep-(live|test)-[0-9A-Za-z]{8,}-?[0-9A-Za-z-]*$/.exec(text.trim());
  return match === null ? null : { token: match[0], mode: match[1] === "live" ? "live" : "test" };
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** As much of a key as may be seen. */
export function prefixOf({ token }: CallKey): string {
  return `${token.slice(0, token.indexOf("-", 8))}…`;
}

/** The header with which a key calls; none without one, so that the session's cookie counts. */
export function bearer(key: CallKey | null): Record<string, string> {
  return key === null ? {} : { authorization: `Bearer ${key.token}` };
}
