/** Light, dark, or as the system has it; `public/theme.js` reads the choice before the first paint. */
import { useSyncExternalStore } from "react";
import { remember } from "../stored";

export type Theme = "light" | "dark" | "system";

const PLACE = "entrepot.theme";
const listeners = new Set<() => void>();

export function useTheme(): Theme {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, theme);
}

export function setTheme(chosen: Theme): void {
  if (chosen === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = chosen;
  remember(PLACE, chosen === "system" ? null : chosen);
  for (const listener of listeners) listener();
}

function theme(): Theme {
  const chosen = document.documentElement.dataset.theme;
  return chosen === "light" || chosen === "dark" ? chosen : "system";
}
