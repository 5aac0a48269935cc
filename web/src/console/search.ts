/** What a place shows, kept in its address: so it can be reloaded, sent to somebody and gone back to. */
import { useSearchParams } from "react-router";

/** Null or an empty text takes a name out of the address. */
export type Change = (changes: Readonly<Record<string, string | null>>) => void;

export function useSearch(): [URLSearchParams, Change] {
  const [search, setSearch] = useSearchParams();
  const change: Change = (changes) =>
    setSearch((now) => changed(now, changes), { replace: true, preventScrollReset: true });
  return [search, change];
}

export function changed(search: URLSearchParams, changes: Parameters<Change>[0]): URLSearchParams {
  const next = new URLSearchParams(search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === "") next.delete(name);
    else next.set(name, value);
  }
  return next;
}
