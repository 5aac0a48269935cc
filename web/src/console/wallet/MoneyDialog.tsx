/** A dialog that does one thing with money: a key made as it opens, so that a second click does not do it again. */
import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { Button } from "../../ui/controls";
import { Dialog } from "../../ui/Dialog";
import { Failure } from "../../ui/telling";
import { onceKey } from "./queries";

interface Props<Done> {
  title: string;
  /** What the button says that does it. */
  action: string;
  kind?: "primary" | "danger";
  onClose: () => void;
  /** What is to be sent; null when a field is wrong, which the fields then say. */
  onSubmit: () => ((once: string) => Promise<Done>) | null;
  onDone: (done: Done) => void;
  children: ReactNode;
}

export function MoneyDialog<Done>({
  title,
  action,
  kind = "primary",
  onClose,
  onSubmit,
  onDone,
  children,
}: Props<Done>) {
  const [once] = useState(onceKey);
  const sent = useMutation({
    mutationFn: (send: (once: string) => Promise<Done>) => send(once),
    onSuccess: onDone,
  });
  const submit = () => {
    const send = sent.isPending ? null : onSubmit();
    if (send !== null) sent.mutate(send);
  };
  return (
    <Dialog onClose={onClose} open title={title}>
      <form
        className="form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        {children}
        {sent.isError && <Failure error={sent.error} />}
        <div className="row">
          <Button disabled={sent.isPending} kind={kind} type="submit">
            {sent.isPending ? "Sending…" : action}
          </Button>
          <Button onClick={onClose}>Cancel</Button>
        </div>
      </form>
    </Dialog>
  );
}
