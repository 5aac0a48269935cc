/** What a place shows, kept in its address: so it can be reloaded, sent to somebody and gone back to. */
import { useQueryString } from "../shell/useQueryString";

/** Null or an empty text takes a name out of the address. */
export type Change = (changes: Readonly<Record<string, string | null>>) => void;

export function useSearch(): [URLSearchParams, Change] {
  const [search, write] = useQueryString();
  return [search, (changes) => write(changed(search, changes))];
}

export function changed(search: URLSearchParams, changes: Parameters<Change>[0]): URLSearchParams {
  const next = new URLSearchParams(search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === "") next.delete(name);
    else next.set(name, value);
  }
  return next;
}
