/** A few choices side by side, of which one holds. */
import { useId } from "react";

interface Props<Id extends string> {
  label: string;
  options: readonly { id: Id; label: string }[];
  value: Id;
  onChange: (id: Id) => void;
}

export function Segments<Id extends string>({ label, options, value, onChange }: Props<Id>) {
  const group = useId();
  return (
    <fieldset aria-label={label} className="segments">
      {options.map((option) => (
        <label key={option.id}>
          <input
            checked={option.id === value}
            className="visually-hidden"
            name={group}
            onChange={() => onChange(option.id)}
            type="radio"
          />
          {option.label}
        </label>
      ))}
    </fieldset>
  );
}
