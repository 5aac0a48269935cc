/** JSON while it is typed: the text stays as written, and the value changes only when the text is a value that fits. */
import { useState } from "react";
import { parsedJson } from "./validation";

interface JsonDraft {
  text: string;
  type: (text: string) => void;
  /** What stands there is not what is set. */
  unread: boolean;
}

/** `undefined` is an empty text. */
export function useJsonDraft<Value>(
  value: Value,
  fits: (parsed: unknown) => parsed is Value,
  onChange: (value: Value) => void,
): JsonDraft {
  const [draft, setDraft] = useState<{ text: string; of: string | undefined } | null>(null);
  const current = JSON.stringify(value);
  const text = draft?.of === current && draft !== null ? draft.text : (JSON.stringify(value, null, 2) ?? "");
  const parsed = read(text);
  return {
    text,
    unread: !fits(parsed),
    type: (next) => {
      const typed = read(next);
      const kept = fits(typed) ? typed : value;
      setDraft({ text: next, of: JSON.stringify(kept) });
      if (JSON.stringify(kept) !== current) onChange(kept);
    },
  };
}

function read(text: string): unknown {
  return text.trim() === "" ? undefined : parsedJson(text);
}
