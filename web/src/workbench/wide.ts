/** Whether the settings have a place beside the columns. The style sheet has the same bound. */
import { useSyncExternalStore } from "react";

const query = window.matchMedia("(min-width: 64rem)");

export function useWide(): boolean {
  return useSyncExternalStore(subscribe, () => query.matches);
}

function subscribe(listener: () => void): () => void {
  query.addEventListener("change", listener);
  return () => query.removeEventListener("change", listener);
}
