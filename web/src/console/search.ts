/** What a place shows, kept in its address: so it can be reloaded, sent to somebody and gone back to. */
import { useState } from "react";
import { useSearchParams } from "react-router";

/** Null or an empty text takes a name out of the address. */
export type Change = (changes: Readonly<Record<string, string | null>>) => void;

/**
 * The address follows a choice a moment later. Until then the choice itself is shown: a control would jump back else, and
 * a second choice would begin from what stood there before the first.
 */
export function useSearch(): [URLSearchParams, Change] {
  const [search, setSearch] = useSearchParams();
  const [ahead, setAhead] = useState<{ from: string; to: URLSearchParams } | null>(null);
  const from = search.toString();
  if (ahead !== null && ahead.from !== from) setAhead(null);
  const shown = ahead?.from === from ? ahead.to : search;
  const change: Change = (changes) => {
    const to = changed(shown, changes);
    setAhead({ from, to });
    setSearch(to, { replace: true, preventScrollReset: true });
  };
  return [shown, change];
}

export function changed(search: URLSearchParams, changes: Parameters<Change>[0]): URLSearchParams {
  const next = new URLSearchParams(search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === "") next.delete(name);
    else next.set(name, value);
  }
  return next;
}
