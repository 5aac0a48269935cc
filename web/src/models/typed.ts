import { type ChangeEvent, useState } from "react";

/**
 * The properties of a text field whose value stands in the address. While it is typed in it keeps its own text: the
 * address follows a moment later, and would take back letters that were typed since.
 */
export function useTyped(value: string, send: (value: string) => void) {
  const [draft, setDraft] = useState<string | null>(null);
  return {
    value: draft ?? value,
    onFocus: () => setDraft(value),
    onBlur: () => setDraft(null),
    onChange: (event: ChangeEvent<HTMLInputElement>) => {
      setDraft(event.target.value);
      send(event.target.value);
    },
  };
}
