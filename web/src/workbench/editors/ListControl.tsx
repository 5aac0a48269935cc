/** A list of texts, each taken in with Enter; or, where the schema names the values, a box to check for each. */
import { useState } from "react";
import { Check } from "../../ui/controls";
import type { ControlProps } from "./ParameterField";

export function ListControl(props: ControlProps) {
  return props.field.kind === "set" ? <Checks {...props} /> : <Texts {...props} />;
}

function Checks({ id, field, value, onChange, disabled }: ControlProps) {
  const chosen = textsOf(value);
  return (
    <fieldset aria-label={field.title} className="row" disabled={disabled} id={id}>
      {field.choices.map((choice) => (
        <Check
          checked={chosen.includes(choice)}
          key={choice}
          label={choice}
          onChange={(event) => {
            const next = field.choices.filter((each) =>
              each === choice ? event.target.checked : chosen.includes(each),
            );
            onChange(next.length > 0 ? next : undefined);
          }}
        />
      ))}
    </fieldset>
  );
}

function Texts({ id, field, value, onChange, disabled, describedBy, invalid }: ControlProps) {
  const [draft, setDraft] = useState("");
  const texts = textsOf(value);
  const full = field.most !== null && texts.length >= field.most;
  const add = () => {
    const text = unescaped(draft);
    if (text === "" || full) return;
    setDraft("");
    if (!texts.includes(text)) onChange([...texts, text]);
  };
  const remove = (text: string) => {
    const next = texts.filter((each) => each !== text);
    onChange(next.length > 0 ? next : undefined);
  };
  return (
    <div className="stack" data-tight>
      {texts.length > 0 && (
        <ul aria-label={field.title} className="chips">
          {texts.map((text) => (
            <li className="chip" key={text}>
              <code>{escaped(text)}</code>
              <button
                aria-label={`Remove ${escaped(text)}`}
                disabled={disabled}
                onClick={() => remove(text)}
                type="button"
              >
                ✕
              </button>
            </li>
          ))}
        </ul>
      )}
      <input
        aria-describedby={describedBy}
        aria-invalid={invalid || undefined}
        className="input"
        disabled={disabled || full}
        id={id}
        onBlur={add}
        onChange={(event) => setDraft(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || event.nativeEvent.isComposing) return;
          event.preventDefault();
          add();
        }}
        placeholder={full ? `No more than ${field.most}` : "Type and press Enter, \\n for a line break"}
        value={draft}
      />
    </div>
  );
}

function textsOf(value: unknown): string[] {
  const list = Array.isArray(value) ? value : value === undefined ? [] : [value];
  return list.map(String);
}

const ESCAPES: readonly (readonly [string, string])[] = [
  ["\\n", "\n"],
  ["\\t", "\t"],
];

/** Line breaks and tabs as one types and sees them. A lone backslash stands for itself. */
function unescaped(text: string): string {
  return ESCAPES.reduce((now, [shown, meant]) => now.replaceAll(shown, meant), text);
}

function escaped(text: string): string {
  return ESCAPES.reduce((now, [shown, meant]) => now.replaceAll(meant, shown), text);
}
