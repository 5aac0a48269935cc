/** A value of any shape, as JSON. What is no JSON yet is told and not set. */
import { lazy, Suspense, useState } from "react";
import { Button } from "../../ui/controls";
import { useJsonDraft } from "./jsonDraft";
import type { ControlProps } from "./ParameterField";

const JsonEditor = lazy(() =>
  import("../../ui/JsonEditor").then((module) => ({ default: module.JsonEditor })),
);

export function JsonControl({ id, field, value, onChange, disabled }: ControlProps) {
  const [open, setOpen] = useState(false);
  const { text, type, unread } = useJsonDraft(value, isJson, onChange);
  if (!open && value === undefined) {
    return (
      <Button
        aria-label={`Set ${field.title} as JSON`}
        className="button parameter-json"
        disabled={disabled}
        id={id}
        onClick={() => setOpen(true)}
        small
      >
        Set as JSON
      </Button>
    );
  }
  return (
    <div className="stack parameter-editor" data-tight>
      <Suspense fallback={<p className="small faint">Loading the editor…</p>}>
        <JsonEditor label={field.title} onChange={type} readOnly={disabled} value={text} />
      </Suspense>
      {unread && <p className="invalid">This is no JSON yet. What was set before stays.</p>}
    </div>
  );
}

function isJson(parsed: unknown): parsed is unknown {
  return !(parsed instanceof SyntaxError);
}
