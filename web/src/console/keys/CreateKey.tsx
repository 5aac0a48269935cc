/** The dialog that makes a key, shows it once, and tells how clients are pointed at this hub with it. */
import { useState } from "react";
import { api, data } from "../../api/client";
import type { NewKey } from "../../api/types";
import { setCallKey } from "../../keys";
import { Button } from "../../ui/controls";
import { Dialog } from "../../ui/Dialog";
import { FormDialog } from "../FormDialog";
import { changed } from "../queries";
import { Secret } from "../Secret";
import { ClientSetup } from "./ClientSetup";
import { draftOf, isComplete, specOf } from "./draft";
import { KeyForm } from "./KeyForm";

export function CreateKey({ onClose }: { onClose: () => void }) {
  const [draft, setDraft] = useState(() => draftOf(null));
  const [made, setMade] = useState<NewKey | null>(null);
  if (made !== null) return <Created made={made} onClose={onClose} />;
  return (
    <FormDialog
      act={() => data(api.POST("/v1/keys", { body: specOf(draft) }))}
      isComplete={isComplete(draft)}
      onClose={onClose}
      onDone={(key) => {
        changed("keys");
        setMade(key);
      }}
      title="New key"
      verb="Create key"
    >
      <KeyForm draft={draft} isNew onChange={setDraft} />
    </FormDialog>
  );
}

export function Created({ made, onClose }: { made: NewKey; onClose: () => void }) {
  const [used, setUsed] = useState(false);
  const use = () => {
    setCallKey(made.key);
    setUsed(true);
  };
  return (
    <Dialog onClose={onClose} open title={`Key “${made.name}”`} wide>
      <Secret value={made.key} what="the key" />
      {made.scopes.includes("inference") && (
        <>
          <div className="row">
            <Button disabled={used} onClick={use}>
              {used ? "The workbench uses it" : "Use it in the workbench"}
            </Button>
          </div>
          <ClientSetup model={made.models?.[0] ?? null} token={made.key} />
        </>
      )}
      <div className="row">
        <Button kind="primary" onClick={onClose}>
          Done
        </Button>
      </div>
    </Dialog>
  );
}
