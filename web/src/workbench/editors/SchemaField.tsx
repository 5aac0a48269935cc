/** A JSON Schema in the editor for JSON. What is no JSON object yet is told and not passed on. */
import { lazy, Suspense } from "react";
import { isRecord } from "../../api/client";
import { useJsonDraft } from "./jsonDraft";

const JsonEditor = lazy(() =>
  import("../../ui/JsonEditor").then((module) => ({ default: module.JsonEditor })),
);

interface Props {
  label: string;
  schema: Record<string, unknown>;
  /** What is wrong with it as a schema. */
  problems: readonly string[];
  onChange: (schema: Record<string, unknown>) => void;
}

export function SchemaField({ label, schema, problems, onChange }: Props) {
  const { text, type, unread } = useJsonDraft(schema, isRecord, onChange);
  const told = unread ? ["This is no JSON object yet. The schema before it stays."] : problems;
  return (
    <div className="field">
      <span className="label">{label}</span>
      <Suspense fallback={<p className="small faint">Loading the editor…</p>}>
        <JsonEditor label={label} onChange={type} value={text} />
      </Suspense>
      {told.length > 0 && (
        <ul className="invalid problems" role="alert">
          {told.map((each) => (
            <li key={each}>{each}</li>
          ))}
        </ul>
      )}
    </div>
  );
}
