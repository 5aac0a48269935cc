/** Keys that do something anywhere on the workbench. */
import { useEffectEvent, useLayoutEffect } from "react";

export type Command = "send" | "stop" | "add" | "focus" | "settings" | "history" | "new" | "code" | "help";

interface Shortcut {
  command: Command;
  keys: readonly string[];
  what: string;
}

export const SHORTCUTS: readonly Shortcut[] = [
  { command: "send", keys: ["Enter"], what: "Send, while you write the prompt" },
  { command: "send", keys: ["Ctrl", "Enter"], what: "Send, from anywhere" },
  { command: "stop", keys: ["Esc"], what: "Stop all answers" },
  { command: "focus", keys: ["/"], what: "Write the prompt" },
  { command: "add", keys: ["Alt", "N"], what: "Add a model" },
  { command: "settings", keys: ["Alt", "S"], what: "Show or hide the settings" },
  { command: "code", keys: ["Alt", "C"], what: "Switch between answers and code" },
  { command: "history", keys: ["Alt", "H"], what: "Open the history" },
  { command: "new", keys: ["Alt", "R"], what: "Begin a new session" },
  { command: "help", keys: ["?"], what: "Show these keys" },
];

/** Letters by the place of the key: with Alt some systems make other characters of them. */
const WITH_ALT: Readonly<Record<string, Command>> = {
  KeyN: "add",
  KeyS: "settings",
  KeyC: "code",
  KeyH: "history",
  KeyR: "new",
};

/** What a key stands for. In a text field a letter is a letter; while a dialog or menu is open keys are its own. */
export function commandOf(event: KeyboardEvent): Command | null {
  if (event.defaultPrevented || event.isComposing) return null;
  if (document.querySelector('[role="dialog"], [role="menu"], [role="listbox"]') !== null) return null;
  const isCtrl = event.ctrlKey || event.metaKey;
  if (event.key === "Enter") return isCtrl && !event.altKey && !event.shiftKey ? "send" : null;
  if (event.key === "Escape") return isCtrl || event.altKey || event.shiftKey ? null : "stop";
  if (event.altKey) return isCtrl || event.shiftKey ? null : (WITH_ALT[event.code] ?? null);
  if (isCtrl || isText(event.composedPath()[0])) return null;
  if (event.key === "?") return "help";
  return event.key === "/" ? "focus" : null;
}

function isText(target: EventTarget | undefined): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
}

export function useShortcuts(act: (command: Command) => void): void {
  const pressed = useEffectEvent((event: KeyboardEvent) => {
    const command = commandOf(event);
    if (command === null) return;
    event.preventDefault();
    act(command);
  });
  // In time for a key that is pressed as soon as the page is seen.
  useLayoutEffect(() => {
    const listener = (event: KeyboardEvent) => pressed(event);
    window.addEventListener("keydown", listener);
    return () => window.removeEventListener("keydown", listener);
  }, []);
}
