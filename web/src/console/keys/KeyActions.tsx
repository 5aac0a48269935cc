/** What can be done to a key: change, disable, rotate, delete. */
import { useState } from "react";
import { api, data } from "../../api/client";
import type { Key, NewKey } from "../../api/types";
import { SelectField } from "../../ui/controls";
import { Menu } from "../../ui/Menu";
import { FormDialog } from "../FormDialog";
import { changed } from "../queries";
import { Created } from "./CreateKey";
import { draftOf, isComplete, patchOf } from "./draft";
import { KeyForm } from "./KeyForm";

type Action = "change" | "rotate" | "delete" | "disable";

export function KeyActions({ subject }: { subject: Key }) {
  const [action, setAction] = useState<Action | null>(null);
  const close = () => setAction(null);
  const done = () => {
    changed("keys");
    close();
  };
  const params = { path: { id: subject.id } };
  const disable = (disabled: boolean) => data(api.PATCH("/v1/keys/{id}", { params, body: { disabled } }));
  return (
    <>
      <Menu
        items={[
          { label: "Change…", onSelect: () => setAction("change") },
          { label: "Rotate…", onSelect: () => setAction("rotate") },
          subject.disabled
            ? {
                label: "Enable",
                onSelect: () => void disable(false).then(done, () => setAction("disable")),
              }
            : { label: "Disable…", onSelect: () => setAction("disable") },
          { label: "Delete…", danger: true, onSelect: () => setAction("delete") },
        ]}
        label="⋯"
        name={`Actions for ${subject.name}`}
      />
      {action === "change" && <ChangeKey onClose={close} onDone={done} subject={subject} />}
      {action === "rotate" && <RotateKey onClose={close} subject={subject} />}
      {action === "disable" && (
        <FormDialog
          kind="danger"
          act={() => disable(!subject.disabled)}
          onClose={close}
          onDone={done}
          title={`${subject.disabled ? "Enable" : "Disable"} “${subject.name}”?`}
          verb={subject.disabled ? "Enable" : "Disable"}
        >
          {subject.disabled ? (
            <p>Its calls are taken again.</p>
          ) : (
            <p>Its calls are refused from now on, until it is enabled again.</p>
          )}
        </FormDialog>
      )}
      {action === "delete" && (
        <FormDialog
          kind="danger"
          act={() => data(api.DELETE("/v1/keys/{id}", { params }))}
          onClose={close}
          onDone={done}
          title={`Delete “${subject.name}”?`}
          verb="Delete key"
        >
          <p>
            Its calls are refused at once, and it cannot be brought back. What it has used stays in the
            records.
          </p>
        </FormDialog>
      )}
    </>
  );
}

interface DialogProps {
  subject: Key;
  onClose: () => void;
}

function ChangeKey({ subject, onClose, onDone }: DialogProps & { onDone: () => void }) {
  const [draft, setDraft] = useState(() => draftOf(subject));
  return (
    <FormDialog
      act={() =>
        data(api.PATCH("/v1/keys/{id}", { params: { path: { id: subject.id } }, body: patchOf(draft) }))
      }
      isComplete={isComplete(draft)}
      onClose={onClose}
      onDone={onDone}
      title={`Change “${subject.name}”`}
      verb="Save"
    >
      <KeyForm draft={draft} isNew={false} onChange={setDraft} />
    </FormDialog>
  );
}

const GRACES = [
  { seconds: 0, label: "ends at once" },
  { seconds: 3600, label: "works for another hour" },
  { seconds: 86_400, label: "works for another day" },
  { seconds: 7 * 86_400, label: "works for another week" },
] as const;

function RotateKey({ subject, onClose }: DialogProps) {
  const [graceS, setGraceS] = useState(86_400);
  const [made, setMade] = useState<NewKey | null>(null);
  if (made !== null) return <Created made={made} onClose={onClose} />;
  return (
    <FormDialog
      act={() =>
        data(
          api.POST("/v1/keys/{id}/rotate", {
            params: { path: { id: subject.id } },
            body: { grace_s: graceS },
          }),
        )
      }
      onClose={onClose}
      onDone={(key) => {
        changed("keys");
        setMade(key);
      }}
      title={`Rotate “${subject.name}”`}
      verb="Rotate"
    >
      <p>The key gets a new secret. Its limits, budgets and records stay.</p>
      <SelectField
        label="The old secret"
        onChange={(event) => setGraceS(Number(event.target.value))}
        value={graceS}
      >
        {GRACES.map(({ seconds, label }) => (
          <option key={seconds} value={seconds}>
            {label}
          </option>
        ))}
      </SelectField>
    </FormDialog>
  );
}
