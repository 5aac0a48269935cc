/** The dialog that sets a rule. A subject has one rule for each model, and one for all of them. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, data } from "../../api/client";
import { sessionQuery } from "../../api/queries";
import type { Rule } from "../../api/types";
import { Button, SelectField, TextField } from "../../ui/controls";
import { Dialog } from "../../ui/Dialog";
import { Failure } from "../../ui/telling";
import { changed, keysQuery, membersQuery } from "../queries";
import { BoundsFields } from "./BoundsFields";
import { BUDGETS, boundsOf, draftOf, isUnbounded, LIMITS, problem } from "./bounds";

type Subject = Rule["subject"];

const SUBJECTS: readonly { subject: Subject; label: string }[] = [
  { subject: "organisation", label: "The whole organisation" },
  { subject: "member", label: "One member" },
  { subject: "key", label: "One key" },
  { subject: "model", label: "One model, whoever calls it" },
];

export function RuleDialog({ rule, onClose }: { rule: Rule | null; onClose: () => void }) {
  const organisation = useQuery(sessionQuery).data?.organisation.id ?? "";
  const [subject, setSubject] = useState<Subject>(rule?.subject ?? "organisation");
  const [chosen, setChosen] = useState(rule?.subject_id ?? "");
  const [model, setModel] = useState(rule?.model ?? "");
  const [draft, setDraft] = useState(() => draftOf(rule));
  const subjectId = subject === "organisation" && rule === null ? organisation : chosen.trim();
  const putting = useMutation({
    mutationFn: () =>
      data(
        api.PUT("/v1/rules", {
          body: { subject, subject_id: subjectId, model: model.trim() || null, ...boundsOf(draft) },
        }),
      ),
    onSuccess: () => {
      changed("rules", "keys");
      onClose();
    },
  });
  const isValid = [...LIMITS, ...BUDGETS].every(({ name }) => problem(name, draft[name]) === null);
  const isComplete = subjectId !== "" && isValid && !isUnbounded(boundsOf(draft));
  return (
    <Dialog onClose={onClose} open title={rule === null ? "New rule" : "Change rule"}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          putting.mutate();
        }}
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
              {SUBJECTS.map((each) => (
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
        {putting.isError && <Failure error={putting.error} />}
        <div className="row">
          <Button disabled={!isComplete || putting.isPending} kind="primary" type="submit">
            Save
          </Button>
          <Button onClick={onClose}>Cancel</Button>
        </div>
      </form>
    </Dialog>
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
