/** The dialog that makes a key, shows it once, and tells how clients are pointed at this hub with it. */
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { api, data } from "../../api/client";
import type { NewKey } from "../../api/types";
import { setCallKey } from "../../keys";
import { Button } from "../../ui/controls";
import { Dialog } from "../../ui/Dialog";
import { Failure } from "../../ui/telling";
import { changed } from "../queries";
import { Secret } from "../Secret";
import { ClientSetup } from "./ClientSetup";
import { draftOf, isComplete, specOf } from "./draft";
import { KeyForm } from "./KeyForm";

export function CreateKey({ onClose }: { onClose: () => void }) {
  const [draft, setDraft] = useState(() => draftOf(null));
  const creating = useMutation({
    mutationFn: async () => await data(api.POST("/v1/keys", { body: specOf(draft) })),
    onSuccess: () => changed("keys"),
  });
  if (creating.data) return <Created made={creating.data} onClose={onClose} />;
  return (
    <Dialog onClose={onClose} open title="New key">
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          creating.mutate();
        }}
      >
        <KeyForm draft={draft} isNew onChange={setDraft} />
        {creating.isError && <Failure error={creating.error} />}
        <div className="row">
          <Button disabled={!isComplete(draft) || creating.isPending} kind="primary" type="submit">
            Create key
          </Button>
          <Button onClick={onClose}>Cancel</Button>
        </div>
      </form>
    </Dialog>
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
