/** The parameters of a call, drawn from the request schema of its model. Only what is set here is sent. */
import { Button } from "../../ui/controls";
import type { Protocol } from "../call";
import { whyNotCarried } from "./carrying";
import { type Field, fieldsOf } from "./fields";
import { ParameterField } from "./ParameterField";

interface Props {
  /** JSON Schema of the model's requests. */
  schema: Record<string, unknown>;
  protocol: Protocol;
  values: Readonly<Record<string, unknown>>;
  onChange: (values: Record<string, unknown>) => void;
}

export function ParameterForm({ schema, protocol, values, onChange }: Props) {
  const fields = fieldsOf(schema);
  const set = Object.keys(values).filter((name) => values[name] !== undefined);
  const foreign = set.filter((name) => !fields.some((field) => field.name === name));
  const advanced = fields.filter((field) => !field.basic);
  const advancedSet = advanced.filter((field) => values[field.name] !== undefined).length;
  const change = (name: string, value: unknown) => {
    const { [name]: _, ...others } = values;
    onChange(value === undefined ? others : { ...others, [name]: value });
  };
  const row = (field: Field) => (
    <ParameterField
      field={field}
      key={field.name}
      onChange={(value) => change(field.name, value)}
      unsent={whyNotCarried(protocol, field.name, values[field.name])}
      value={values[field.name]}
    />
  );
  return (
    <section aria-label="Parameters" className="parameters">
      <div className="row" data-spread>
        <h3>Parameters</h3>
        <Button disabled={set.length === 0} kind="quiet" onClick={() => onChange({})} small>
          Reset all
        </Button>
      </div>
      {fields.filter((field) => field.basic).map(row)}
      {foreign.map((name) => (
        <p className="small row" data-spread key={name}>
          <span>
            <code>{name}</code> is set, but this model does not list it.
          </span>
          <Button aria-label={`Reset ${name}`} kind="quiet" onClick={() => change(name, undefined)} small>
            Reset
          </Button>
        </p>
      ))}
      {advanced.length > 0 && (
        <details className="details">
          <summary>Advanced{advancedSet > 0 && <span className="faint"> · {advancedSet} set</span>}</summary>
          <div className="parameters">{advanced.map(row)}</div>
        </details>
      )}
    </section>
  );
}
