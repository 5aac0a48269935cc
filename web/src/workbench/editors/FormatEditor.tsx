/** What form the answer must have: text, any JSON object, or JSON that fits a schema. */
import { useState } from "react";
import { Check, SelectField, TextField } from "../../ui/controls";
import type { ResponseFormat } from "../call";
import { SchemaField } from "./SchemaField";
import { schemaProblems, strictProblems } from "./schemas";
import { nameProblem } from "./tools";

interface Props {
  value: ResponseFormat;
  onChange: (format: ResponseFormat) => void;
}

const FIRST: Extract<ResponseFormat, { type: "json_schema" }> = {
  type: "json_schema",
  name: "answer",
  schema: {
    type: "object",
    properties: { answer: { type: "string" }, confident: { type: "boolean" } },
    required: ["answer", "confident"],
    additionalProperties: false,
  },
  strict: true,
};

export function FormatEditor({ value, onChange }: Props) {
  const [last, setLast] = useState(FIRST);
  const choose = (type: string) => {
    if (value.type === "json_schema") setLast(value);
    onChange(type === "json_schema" ? last : type === "json_object" ? { type } : { type: "text" });
  };
  return (
    <section aria-label="Response format" className="stack" data-tight>
      <SelectField
        help={
          value.type === "json_object" ? "Ask for JSON in the prompt as well; most models want that." : null
        }
        label="Response format"
        onChange={(event) => choose(event.target.value)}
        value={value.type}
      >
        <option value="text">Text</option>
        <option value="json_object">JSON object</option>
        <option value="json_schema">JSON that fits a schema</option>
      </SelectField>
      {value.type === "json_schema" && (
        <>
          <TextField
            autoComplete="off"
            error={value.name === "" ? "A schema needs a name." : nameProblem(value.name, [])}
            label="Name"
            onChange={(event) => onChange({ ...value, name: event.target.value })}
            spellCheck={false}
            value={value.name}
          />
          <SchemaField
            label="Schema"
            onChange={(schema) => onChange({ ...value, schema })}
            problems={formatProblems(value)}
            schema={value.schema}
          />
          <Check
            checked={value.strict}
            label="Strict: the answer always fits the schema"
            onChange={(event) => onChange({ ...value, strict: event.target.checked })}
          />
        </>
      )}
    </section>
  );
}

/** What is wrong with the schema of a format. */
function formatProblems(format: ResponseFormat): string[] {
  if (format.type !== "json_schema") return [];
  const found = schemaProblems(format.schema);
  return found.length > 0 || !format.strict ? found : strictProblems(format.schema);
}
