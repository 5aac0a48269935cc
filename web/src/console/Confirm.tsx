/** A question before what cannot be undone. */
import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Button } from "../ui/controls";
import { Dialog } from "../ui/Dialog";
import { Failure } from "../ui/telling";

interface Props {
  title: string;
  /** What will happen, on the button. */
  verb: string;
  act: () => Promise<unknown>;
  onDone: () => void;
  onClose: () => void;
  children: ReactNode;
}

export function Confirm({ title, verb, act, onDone, onClose, children }: Props) {
  const acting = useMutation({ mutationFn: act, onSuccess: onDone });
  return (
    <Dialog onClose={onClose} open title={title}>
      <div className="stack" data-tight>
        {children}
      </div>
      {acting.isError && <Failure error={acting.error} />}
      <div className="row">
        <Button disabled={acting.isPending} kind="danger" onClick={() => acting.mutate()}>
          {verb}
        </Button>
        <Button onClick={onClose}>Cancel</Button>
      </div>
    </Dialog>
  );
}
