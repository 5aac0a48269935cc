/** Calls that have ended since a list was made, asked for again and again while somebody looks on. */
import { useEffect, useEffectEvent, useRef, useState } from "react";
import type { LogList, LogRow } from "../../api/types";

const EVERY_MS = 2000;

/** Beyond these the oldest of the tail go: they are still in the list when it is loaded anew. */
export const MOST_ROWS = 500;

interface Tail {
  rows: readonly LogRow[];
  error: unknown;
}

/** `first` is the cursor of the list that stands below, from which on the tail is asked for. */
export function useTail(
  first: string | undefined,
  isLive: boolean,
  ask: (after: string, signal: AbortSignal) => Promise<LogList>,
): Tail {
  const [tail, setTail] = useState<Tail>({ rows: [], error: null });
  const after = useRef(first);
  const poll = useEffectEvent(async (signal: AbortSignal): Promise<number> => {
    if (document.hidden || after.current === undefined) return EVERY_MS;
    const page = await ask(after.current, signal);
    after.current = page.tail_cursor;
    setTail((now) => ({ rows: arrived(now.rows, page.data), error: null }));
    return page.has_more ? 0 : EVERY_MS;
  });
  useEffect(() => {
    if (!isLive || first === undefined) return;
    after.current ??= first;
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const again = (waitMs: number) => {
      if (!stop.signal.aborted) timer = setTimeout(() => poll(stop.signal).then(again, failed), waitMs);
    };
    const failed = (error: unknown) => {
      if (!stop.signal.aborted) setTail((now) => ({ ...now, error }));
      again(EVERY_MS);
    };
    again(0);
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [first, isLive]);
  return tail;
}

/** `found` comes in the order of its ends, and some of it may have been there before. */
export function arrived(rows: readonly LogRow[], found: readonly LogRow[]): readonly LogRow[] {
  const known = new Set(rows.map((row) => row.request_id));
  const fresh = found.filter((row) => !known.has(row.request_id));
  return fresh.length === 0 ? rows : [...fresh.reverse(), ...rows].slice(0, MOST_ROWS);
}

/** The tail above the list, each call once. */
export function joined(tail: readonly LogRow[], listed: readonly LogRow[]): readonly LogRow[] {
  if (tail.length === 0) return listed;
  const known = new Set(listed.map((row) => row.request_id));
  return [...tail.filter((row) => !known.has(row.request_id)), ...listed];
}
