/** How far this browser has come with the guide. */
import { useState } from "react";
import { isRecord } from "../api/client";
import { recall, remember } from "../stored";

interface Progress {
  called: boolean;
  copied: boolean;
}

const PLACE = "entrepot.guide";

export function useProgress(): [Progress, (done: Partial<Progress>) => void] {
  const [progress, setProgress] = useState(() => progressOf(recall(PLACE)));
  const advance = (done: Partial<Progress>) =>
    setProgress((before) => {
      const after = { ...before, ...done };
      remember(PLACE, JSON.stringify(after));
      return after;
    });
  return [progress, advance];
}

/** Whatever stands there: what cannot be read is a beginning. */
export function progressOf(text: string | null): Progress {
  try {
    const told: unknown = JSON.parse(text ?? "{}");
    return isRecord(told)
      ? { called: told.called === true, copied: told.copied === true }
      : { called: false, copied: false };
  } catch {
    return { called: false, copied: false };
  }
}
