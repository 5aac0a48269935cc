/** The fields of a key, new or old. */
import { useQuery } from "@tanstack/react-query";
import type { Scope } from "../../api/types";
import { Check, Field, SelectField, TextField } from "../../ui/controls";
import { BoundsFields } from "../limits/BoundsFields";
import { membersQuery } from "../queries";
import { useIsManager } from "../session";
import { type KeyDraft, SCOPES } from "./draft";

interface Props {
  draft: KeyDraft;
  isNew: boolean;
  onChange: (draft: KeyDraft) => void;
}

export function KeyForm({ draft, isNew, onChange }: Props) {
  const isManager = useIsManager();
  const set = <Name extends keyof KeyDraft>(name: Name, value: KeyDraft[Name]) =>
    onChange({ ...draft, [name]: value });
  const toggle = (scope: Scope, on: boolean) =>
    set("scopes", on ? [...draft.scopes, scope] : draft.scopes.filter((each) => each !== scope));
  return (
    <>
      <TextField
        label="Name"
        onChange={(event) => set("name", event.target.value)}
        required
        value={draft.name}
      />
      {isNew && (
        <SelectField
          help={
            draft.mode === "test"
              ? "The sandbox answers its calls. They reach no provider and cost nothing."
              : "Its calls reach providers and cost money."
          }
          label="Mode"
          onChange={(event) => set("mode", event.target.value === "live" ? "live" : "test")}
          value={draft.mode}
        >
          <option value="test">Test</option>
          <option value="live">Live</option>
        </SelectField>
      )}
      <fieldset className="choices">
        <legend>May</legend>
        {SCOPES.filter(({ scope }) => isManager || scope !== "management").map(({ scope, label, help }) => (
          <div key={scope}>
            <Check
              checked={draft.scopes.includes(scope)}
              label={label}
              onChange={(event) => toggle(scope, event.target.checked)}
            />
            <p className="help">{help}</p>
          </div>
        ))}
      </fieldset>
      <Field help="Ids or aliases, one a line. Empty allows every model." label="Models">
        {(ties) => (
          <textarea
            className="textarea mono"
            onChange={(event) => set("models", event.target.value)}
            rows={2}
            {...ties}
            value={draft.models}
          />
        )}
      </Field>
      <div className="pair">
        <TextField
          help="The last day, in UTC. Empty is never."
          label="Expires"
          onChange={(event) => set("expires", event.target.value)}
          type="date"
          value={draft.expires}
        />
        <TextField
          help="A label of your own, by which usage can be told apart."
          label="Project"
          onChange={(event) => set("project", event.target.value)}
          value={draft.project}
        />
      </div>
      {isNew && isManager && <Owner onChange={(id) => set("memberId", id)} value={draft.memberId} />}
      <details className="details">
        <summary>Limits and budgets</summary>
        <BoundsFields draft={draft.bounds} onChange={(bounds) => set("bounds", bounds)} />
      </details>
    </>
  );
}

function Owner({ value, onChange }: { value: string; onChange: (id: string) => void }) {
  const members = useQuery(membersQuery).data ?? [];
  return (
    <SelectField
      help="It can never do more than this member may, and ends with the membership."
      label="Belongs to"
      onChange={(event) => onChange(event.target.value)}
      value={value}
    >
      <option value="">the organisation</option>
      {members.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </SelectField>
  );
}
