/** What can be done to a key: change, disable, rotate, delete. */
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { api, data } from "../../api/client";
import type { Key } from "../../api/types";
import { Button, SelectField } from "../../ui/controls";
import { Dialog } from "../../ui/Dialog";
import { Menu } from "../../ui/Menu";
import { Failure } from "../../ui/telling";
import { Confirm } from "../Confirm";
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
  const patch = (body: { disabled: boolean }) =>
    data(api.PATCH("/v1/keys/{id}", { params: { path: { id: subject.id } }, body }));
  return (
    <>
      <Menu
        items={[
          { label: "Change…", onSelect: () => setAction("change") },
          { label: "Rotate…", onSelect: () => setAction("rotate") },
          subject.disabled
            ? {
                label: "Enable",
                onSelect: () => void patch({ disabled: false }).then(done, () => setAction("disable")),
              }
            : { label: "Disable…", onSelect: () => setAction("disable") },
          { label: "Delete…", danger: true, onSelect: () => setAction("delete") },
        ]}
        label="⋯"
        name={`Actions for ${subject.name}`}
      />
      {action === "change" && <ChangeKey onClose={close} subject={subject} />}
      {action === "rotate" && <RotateKey onClose={close} subject={subject} />}
      {action === "disable" && (
        <Confirm
          act={() => patch({ disabled: !subject.disabled })}
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
        </Confirm>
      )}
      {action === "delete" && (
        <Confirm
          act={() => data(api.DELETE("/v1/keys/{id}", { params: { path: { id: subject.id } } }))}
          onClose={close}
          onDone={done}
          title={`Delete “${subject.name}”?`}
          verb="Delete key"
        >
          <p>
            Its calls are refused at once, and it cannot be brought back. What it has used stays in the
            records.
          </p>
        </Confirm>
      )}
    </>
  );
}

function ChangeKey({ subject, onClose }: { subject: Key; onClose: () => void }) {
  const [draft, setDraft] = useState(() => draftOf(subject));
  const changing = useMutation({
    mutationFn: () =>
      data(api.PATCH("/v1/keys/{id}", { params: { path: { id: subject.id } }, body: patchOf(draft) })),
    onSuccess: () => {
      changed("keys");
      onClose();
    },
  });
  return (
    <Dialog onClose={onClose} open title={`Change “${subject.name}”`}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          changing.mutate();
        }}
      >
        <KeyForm draft={draft} isNew={false} onChange={setDraft} />
        {changing.isError && <Failure error={changing.error} />}
        <div className="row">
          <Button disabled={!isComplete(draft) || changing.isPending} kind="primary" type="submit">
            Save
          </Button>
          <Button onClick={onClose}>Cancel</Button>
        </div>
      </form>
    </Dialog>
  );
}

const GRACES = [
  { seconds: 0, label: "ends at once" },
  { seconds: 3600, label: "works for another hour" },
  { seconds: 86_400, label: "works for another day" },
  { seconds: 7 * 86_400, label: "works for another week" },
] as const;

function RotateKey({ subject, onClose }: { subject: Key; onClose: () => void }) {
  const [graceS, setGraceS] = useState(86_400);
  const rotating = useMutation({
    mutationFn: async () =>
      await data(
        api.POST("/v1/keys/{id}/rotate", { params: { path: { id: subject.id } }, body: { grace_s: graceS } }),
      ),
    onSuccess: () => changed("keys"),
  });
  if (rotating.data) return <Created made={rotating.data} onClose={onClose} />;
  return (
    <Dialog onClose={onClose} open title={`Rotate “${subject.name}”`}>
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
      {rotating.isError && <Failure error={rotating.error} />}
      <div className="row">
        <Button disabled={rotating.isPending} kind="primary" onClick={() => rotating.mutate()}>
          Rotate
        </Button>
        <Button onClick={onClose}>Cancel</Button>
      </div>
    </Dialog>
  );
}
