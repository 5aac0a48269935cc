/** A button that copies a text and says that it has. */
import { useEffect, useState } from "react";
import { Button } from "./controls";

interface Props {
  text: string | (() => string);
  label?: string;
  /** What is copied, for who hears the button and does not see where it stands. */
  what?: string;
}

const SHOWN_MS = 1500;

export function Copy({ text, label = "Copy", what }: Props) {
  const [state, setState] = useState<"idle" | "done" | "failed">("idle");
  useEffect(() => {
    if (state === "idle") return;
    const timer = setTimeout(() => setState("idle"), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = () =>
    navigator.clipboard.writeText(typeof text === "string" ? text : text()).then(
      () => setState("done"),
      () => setState("failed"),
    );
  return (
    <Button className="button copy" onClick={() => void copy()} small>
      <span aria-live="polite">{state === "idle" ? label : state === "done" ? "Copied" : "Not allowed"}</span>
      {what && <span className="visually-hidden">{what}</span>}
    </Button>
  );
}
