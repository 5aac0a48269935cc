/** A dialog that does one thing: what there is to say or to fill in, the button that does it, and what went wrong. */
import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Button } from "../ui/controls";
import { Dialog } from "../ui/Dialog";
import { Failure } from "../ui/telling";

interface Props<Done> {
  title: string;
  /** What will happen, on the button. */
  verb: string;
  kind?: "primary" | "danger";
  /** Whether the button can be pressed: all that is needed has been filled in. */
  isComplete?: boolean;
  /** Null when a field is wrong, which the fields then say. */
  act: () => Promise<Done> | null;
  onDone: (done: Done) => void;
  onClose: () => void;
  children: ReactNode;
}

export function FormDialog<Done>({
  title,
  verb,
  kind = "primary",
  isComplete = true,
  act,
  onDone,
  onClose,
  children,
}: Props<Done>) {
  const acting = useMutation({ mutationFn: (running: Promise<Done>) => running, onSuccess: onDone });
  return (
    <Dialog onClose={onClose} open title={title}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          const running = acting.isPending ? null : act();
          if (running !== null) acting.mutate(running);
        }}
      >
        {children}
        {acting.isError && <Failure error={acting.error} />}
        <div className="row">
          <Button disabled={!isComplete || acting.isPending} kind={kind} type="submit">
            {verb}
          </Button>
          <Button onClick={onClose}>Cancel</Button>
        </div>
      </form>
    </Dialog>
  );
}
