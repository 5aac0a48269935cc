import { TextField } from "../../ui/controls";

interface Props {
  label: string;
  value: string;
  onChange: (value: string) => void;
  error: string | null;
  help?: string;
  disabled?: boolean;
}

/** Dollars, typed as a decimal: no spinner and no rounding. */
export function AmountField({ label, value, onChange, ...rest }: Props) {
  return (
    <TextField
      autoComplete="off"
      inputMode="decimal"
      label={`${label} (USD)`}
      onChange={(event) => onChange(event.target.value)}
      placeholder="0.00"
      value={value}
      {...rest}
    />
  );
}
