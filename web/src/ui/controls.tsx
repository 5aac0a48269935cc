/** Buttons and the fields of forms. */
import { type ComponentProps, type ReactNode, useId } from "react";
import { Link, type LinkProps } from "react-router";

type Kind = "primary" | "danger" | "quiet";

interface Look {
  kind?: Kind | undefined;
  small?: boolean | undefined;
}

export function Button({ kind, small, type = "button", ...rest }: ComponentProps<"button"> & Look) {
  return <button className="button" data-kind={kind} data-small={small || undefined} type={type} {...rest} />;
}

export function LinkButton({ kind, small, ...rest }: LinkProps & Look) {
  return <Link className="button" data-kind={kind} data-small={small || undefined} {...rest} />;
}

interface FieldProps {
  label: ReactNode;
  help?: ReactNode;
  /** What is wrong with the value; the field is marked and the text read out with it. */
  error?: string | null | undefined;
  /** The control, given what ties it to its label and texts. */
  children: (ties: Ties) => ReactNode;
}

interface Ties {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": boolean | undefined;
}

export function Field({ label, help, error, children }: FieldProps) {
  const id = useId();
  const described = [help ? `${id}-help` : "", error ? `${id}-error` : ""].filter(Boolean).join(" ");
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({
        id,
        "aria-describedby": described || undefined,
        "aria-invalid": error ? true : undefined,
      })}
      {help && (
        <span className="help" id={`${id}-help`}>
          {help}
        </span>
      )}
      {error && (
        <span className="invalid" id={`${id}-error`} role="alert">
          {error}
        </span>
      )}
    </div>
  );
}

type TextFieldProps = Omit<FieldProps, "children"> & ComponentProps<"input">;

export function TextField({ label, help, error, ...rest }: TextFieldProps) {
  return (
    <Field error={error} help={help} label={label}>
      {(ties) => <input className="input" type="text" {...ties} {...rest} />}
    </Field>
  );
}

type SelectFieldProps = Omit<FieldProps, "children"> & ComponentProps<"select">;

export function SelectField({ label, help, error, children, ...rest }: SelectFieldProps) {
  return (
    <Field error={error} help={help} label={label}>
      {(ties) => (
        <select className="select" {...ties} {...rest}>
          {children}
        </select>
      )}
    </Field>
  );
}

export function Check({ label, ...rest }: ComponentProps<"input"> & { label: ReactNode }) {
  return (
    <label className="check">
      <input type="checkbox" {...rest} />
      <span>{label}</span>
    </label>
  );
}
