/** A password, readable for who wants to see what they type. */
import { useState } from "react";
import { Check, TextField } from "./controls";

interface Props {
  label: string;
  /** One that is being set, with the rule for it. */
  fresh?: boolean;
  value: string;
  onChange: (value: string) => void;
  error?: string | null;
}

export const SHORTEST = 12;

export function PasswordField({ label, fresh = false, value, onChange, error }: Props) {
  const [shown, setShown] = useState(false);
  return (
    <div className="stack" data-tight>
      <TextField
        autoComplete={fresh ? "new-password" : "current-password"}
        error={error}
        help={fresh && !error ? `At least ${SHORTEST} characters.` : null}
        label={label}
        name="password"
        onChange={(event) => onChange(event.target.value)}
        type={shown ? "text" : "password"}
        value={value}
      />
      <Check checked={shown} label="Show it" onChange={(event) => setShown(event.target.checked)} />
    </div>
  );
}
