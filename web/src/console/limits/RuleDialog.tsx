/** The dialog that sets a rule. A subject has one rule for each model, and one for all of them. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, data } from "../../api/client";
import type { Rule } from "../../api/types";
import { SelectField, TextField } from "../../ui/controls";
import { FormDialog } from "../FormDialog";
import { changed, keysQuery, membersQuery } from "../queries";
import { useSession } from "../session";
import { BoundsFields } from "./BoundsFields";
import { BUDGETS, boundsOf, draftOf, isUnbounded, LIMITS, problem } from "./bounds";

type Subject = Rule["subject"];

/** Rules of organisations and of models are set by who runs the hub. */
const SUBJECTS: readonly { subject: Subject; label: string; house?: boolean }[] = [
  { subject: "organisation", label: "The whole organisation", house: true },
  { subject: "member", label: "One member" },
  { subject: "key", label: "One key" },
  { subject: "model", label: "One model, whoever calls it", house: true },
];

export function RuleDialog({ rule, onClose }: { rule: Rule | null; onClose: () => void }) {
  const { organisation } = useSession();
  const subjects = SUBJECTS.filter(({ house }) => !house || organisation.house);
  const [subject, setSubject] = useState<Subject>(
    rule?.subject ?? (organisation.house ? "organisation" : "member"),
  );
  const [chosen, setChosen] = useState(rule?.subject_id ?? "");
  const [model, setModel] = useState(rule?.model ?? "");
  const [draft, setDraft] = useState(() => draftOf(rule));
  const subjectId = subject === "organisation" && rule === null ? organisation.id : chosen.trim();
  const put = () => {
    const body = { subject, subject_id: subjectId, model: model.trim() || null, ...boundsOf(draft) };
    return data(api.PUT("/v1/rules", { body }));
  };
  const isValid = [...LIMITS, ...BUDGETS].every(({ name }) => problem(name, draft[name]) === null);
  const isComplete = subjectId !== "" && isValid && !isUnbounded(boundsOf(draft));
  return (
    <FormDialog
      act={put}
      isComplete={isComplete}
      onClose={onClose}
      onDone={() => {
        changed("rules", "keys");
        onClose();
      }}
      title={rule === null ? "New rule" : "Change rule"}
      verb="Save"
    >
      {rule === null && (
        <>
          <SelectField
            label="For"
            onChange={(event) => {
              setSubject(SUBJECTS.find((each) => each.subject === event.target.value)?.subject ?? subject);
              setChosen("");
            }}
            value={subject}
          >
            {subjects.map((each) => (
              <option key={each.subject} value={each.subject}>
                {each.label}
              </option>
            ))}
          </SelectField>
          <SubjectField onChange={setChosen} subject={subject} value={chosen} />
          {subject !== "model" && (
            <TextField
              help="Empty is all models together."
              label="When calling"
              onChange={(event) => setModel(event.target.value)}
              placeholder="any model"
              value={model}
            />
          )}
        </>
      )}
      <BoundsFields draft={draft} onChange={setDraft} />
      <p className="help">Days, weeks and months are those of the UTC calendar.</p>
    </FormDialog>
  );
}

interface SubjectFieldProps {
  subject: Subject;
  value: string;
  onChange: (id: string) => void;
}

function SubjectField({ subject, value, onChange }: SubjectFieldProps) {
  const keys = useQuery(keysQuery).data ?? [];
  const members = useQuery(membersQuery).data ?? [];
  if (subject === "organisation") return null;
  if (subject === "model") {
    return (
      <TextField label="Model" onChange={(event) => onChange(event.target.value)} required value={value} />
    );
  }
  return (
    <SelectField
      label={subject === "key" ? "Key" : "Member"}
      onChange={(event) => onChange(event.target.value)}
      required
      value={value}
    >
      <option value="">Choose…</option>
      {(subject === "key" ? keys : members).map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </SelectField>
  );
}
