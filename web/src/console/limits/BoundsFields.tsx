/** The fields of limits and budgets, alike for keys and rules. */
import { TextField } from "../../ui/controls";
import { BUDGETS, type Draft, LIMITS, problem } from "./bounds";

interface Props {
  draft: Draft;
  onChange: (draft: Draft) => void;
}

export function BoundsFields({ draft, onChange }: Props) {
  return (
    <fieldset className="bounds">
      <legend className="visually-hidden">Limits and budgets</legend>
      {[...LIMITS, ...BUDGETS].map(({ name, label }) => (
        <TextField
          error={problem(name, draft[name])}
          inputMode="decimal"
          key={name}
          label={label}
          onChange={(event) => onChange({ ...draft, [name]: event.target.value })}
          placeholder="no limit"
          value={draft[name]}
        />
      ))}
    </fieldset>
  );
}
