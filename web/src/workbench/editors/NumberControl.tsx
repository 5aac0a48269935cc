/** A number, typed or drawn. What is typed stays as it is until it is left, so that a half-written number is no error. */
import { useState } from "react";
import type { ControlProps } from "./ParameterField";

const FINE = 0.01;

export function NumberControl({ id, field, value, onChange, disabled, describedBy, invalid }: ControlProps) {
  const [draft, setDraft] = useState<string | null>(null);
  const written = draft !== null && !same(draft, value) ? null : draft;
  const { minimum, maximum } = field;
  const unfit = draft !== null && draft.trim() !== "" && read(draft) === null;
  const type = (text: string) => {
    setDraft(text);
    const number = read(text);
    if (number !== null) onChange(number);
    else if (text.trim() === "") onChange(undefined);
  };
  return (
    <>
      <input
        aria-describedby={describedBy}
        aria-invalid={invalid || unfit || undefined}
        autoComplete="off"
        className="input parameter-number"
        disabled={disabled}
        id={id}
        inputMode={field.kind === "integer" ? "numeric" : "decimal"}
        onBlur={() => setDraft(null)}
        onChange={(event) => type(event.target.value)}
        placeholder={typeof field.preset === "number" ? String(field.preset) : "Not set"}
        type="text"
        value={unfit ? draft : (written ?? (value === undefined ? "" : String(value)))}
      />
      {minimum !== null && maximum !== null && (
        <input
          aria-describedby={describedBy}
          aria-label={`${field.title}, slider`}
          className="slider"
          data-unset={value === undefined || undefined}
          disabled={disabled}
          max={maximum}
          min={minimum}
          onChange={(event) => {
            setDraft(null);
            onChange(Number(event.target.value));
          }}
          step={field.kind === "integer" ? 1 : FINE}
          type="range"
          value={typeof value === "number" ? value : start(field.preset, minimum)}
        />
      )}
    </>
  );
}

function read(text: string): number | null {
  const number = text.trim() === "" ? Number.NaN : Number(text.trim().replace(",", "."));
  return Number.isFinite(number) ? number : null;
}

/** Whether a draft still says what is set: someone else may have reset it meanwhile. */
function same(draft: string, value: unknown): boolean {
  return (read(draft) ?? undefined) === value;
}

function start(preset: unknown, minimum: number): number {
  return typeof preset === "number" ? preset : minimum;
}
