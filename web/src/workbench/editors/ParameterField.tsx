/** One parameter: its name, its help when asked for, its control, and the way back to "not set". */
import { useId, useState } from "react";
import { Button } from "../../ui/controls";
import { bounds, type Field, problem } from "./fields";
import { JsonControl } from "./JsonControl";
import { ListControl } from "./ListControl";
import { NumberControl } from "./NumberControl";

interface Props {
  field: Field;
  value: unknown;
  /** Undefined: not set. */
  onChange: (value: unknown) => void;
  /** Why the protocol cannot carry it, or null. */
  unsent: string | null;
}

export interface ControlProps {
  id: string;
  field: Field;
  value: unknown;
  onChange: (value: unknown) => void;
  disabled: boolean;
  describedBy: string;
  invalid: boolean;
}

/** Kinds whose control takes a line of its own; that of the others stands beside the name. */
const LONG = new Set(["text", "texts", "set"]);

export function ParameterField({ field, value, onChange, unsent }: Props) {
  const id = useId();
  const [explained, setExplained] = useState(false);
  const wrong = problem(field, value);
  const long = LONG.has(field.kind);
  const range = bounds(field);
  const control = (
    <Control
      describedBy={`${id}-help ${id}-error`}
      disabled={unsent !== null && value === undefined}
      field={field}
      id={id}
      invalid={wrong !== null}
      onChange={onChange}
      value={value ?? undefined}
    />
  );
  return (
    <div
      className="parameter"
      data-set={value !== undefined || undefined}
      data-unsent={unsent !== null || undefined}
    >
      <div className="parameter-head">
        <label htmlFor={id}>{field.title}</label>
        <Button
          aria-expanded={explained}
          aria-label={`About ${field.title}`}
          className="button parameter-about"
          kind="quiet"
          onClick={() => setExplained(!explained)}
          small
        >
          ?
        </Button>
        {value !== undefined && (
          <Button
            aria-label={`Reset ${field.title}`}
            className="button parameter-about"
            kind="quiet"
            onClick={() => onChange(undefined)}
            small
            title="Reset"
          >
            ↺
          </Button>
        )}
        {!long && control}
      </div>
      {long && control}
      <p className="help" hidden={!explained && unsent === null} id={`${id}-help`}>
        {unsent ?? (
          <>
            {field.help} <code>{field.name}</code>
            {range && `, ${range}`}
            {field.preset !== undefined && `, default ${String(field.preset)}`}
          </>
        )}
      </p>
      <p className="invalid" hidden={wrong === null} id={`${id}-error`} role={wrong ? "alert" : undefined}>
        {wrong}
      </p>
    </div>
  );
}

function Control(props: ControlProps) {
  const { id, field, value, onChange, disabled, describedBy, invalid } = props;
  switch (field.kind) {
    case "number":
    case "integer":
      return <NumberControl {...props} />;
    case "choice":
    case "boolean":
      return (
        <select
          aria-describedby={describedBy}
          aria-invalid={invalid || undefined}
          className="select"
          disabled={disabled}
          id={id}
          onChange={(event) => onChange(chosen(field, event.target.value))}
          value={value === undefined ? "" : String(value)}
        >
          <option value="">{unset(field)}</option>
          {field.kind === "choice" ? (
            field.choices.map((choice) => <option key={choice}>{choice}</option>)
          ) : (
            <>
              <option value="true">On</option>
              <option value="false">Off</option>
            </>
          )}
          {invalid && <option>{String(value)}</option>}
        </select>
      );
    case "text":
      return (
        <input
          aria-describedby={describedBy}
          aria-invalid={invalid || undefined}
          className="input"
          disabled={disabled}
          id={id}
          onChange={(event) => onChange(event.target.value === "" ? undefined : event.target.value)}
          placeholder="Not set"
          value={typeof value === "string" ? value : ""}
        />
      );
    case "texts":
    case "set":
      return <ListControl {...props} />;
    case "json":
      return <JsonControl {...props} />;
  }
}

function chosen(field: Field, text: string): unknown {
  if (text === "") return undefined;
  return field.kind === "boolean" ? text === "true" : text;
}

function unset({ preset, kind }: Field): string {
  if (preset === undefined || preset === null) return "Not set";
  return `Default: ${kind === "boolean" ? (preset ? "on" : "off") : String(preset)}`;
}
