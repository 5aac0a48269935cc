/** The dialogs that move money by hand: a grant, a refund, a correction, a voucher's code. */
import { useState } from "react";
import type { WalletEntry } from "../../api/types";
import { TextField } from "../../ui/controls";
import { type Allowed, typedAmount } from "../../ui/money";
import { FormDialog } from "../FormDialog";
import { AmountField } from "./AmountField";
import { move, useOnce } from "./queries";

interface Props {
  organisationId: string;
  onClose: () => void;
  onDone: (entry: WalletEntry) => void;
}

export function Grant({ organisationId, onClose, onDone }: Props) {
  const once = useOnce();
  const amount = useAmount();
  const [note, setNote] = useState("");
  return (
    <FormDialog
      verb="Grant"
      onClose={onClose}
      onDone={onDone}
      act={() => {
        const amountUsd = amount.read();
        const body = { organisation_id: organisationId, ...(note && { note }) };
        if (amountUsd === null) return null;
        return move("/v1/wallet/grants", { amount_usd: amountUsd, ...body }, once);
      }}
      title="Grant money"
    >
      <p className="muted">A gift of the house. It can be spent at once.</p>
      <AmountField {...amount.field} label="Amount" />
      <Note onChange={setNote} value={note} />
    </FormDialog>
  );
}

export function Refund({ organisationId, onClose, onDone, requestId: given }: Props & { requestId: string }) {
  const once = useOnce();
  const amount = useAmount();
  const [requestId, setRequestId] = useState(given);
  const [note, setNote] = useState("");
  return (
    <FormDialog
      verb="Refund"
      onClose={onClose}
      onDone={onDone}
      act={() => {
        const isWhole = requestId.trim() !== "" && amount.field.value.trim() === "";
        const amountUsd = isWhole ? null : amount.read();
        if (!isWhole && amountUsd === null) return null;
        const body = {
          organisation_id: organisationId,
          ...(amountUsd !== null && { amount_usd: amountUsd }),
          ...(requestId.trim() && { request_id: requestId.trim() }),
          ...(note && { note }),
        };
        return move("/v1/wallet/refunds", body, once);
      }}
      title="Refund a charge"
    >
      <TextField
        help="A call is refunded once. Without an id, an amount is given back that belongs to no single call."
        label="Request id of the call"
        onChange={(event) => setRequestId(event.target.value)}
        spellCheck={false}
        value={requestId}
      />
      <AmountField {...amount.field} help="Empty: all that the call was charged." label="Amount" />
      <Note onChange={setNote} value={note} />
    </FormDialog>
  );
}

export function Correction({ organisationId, onClose, onDone }: Props) {
  const once = useOnce();
  const amount = useAmount({ signed: true });
  const [note, setNote] = useState("");
  const [isMissing, setMissing] = useState(false);
  return (
    <FormDialog
      verb="Correct"
      onClose={onClose}
      onDone={onDone}
      act={() => {
        const amountUsd = amount.read();
        setMissing(note.trim() === "");
        if (amountUsd === null || note.trim() === "") return null;
        const body = { organisation_id: organisationId, amount_usd: amountUsd, note };
        return move("/v1/wallet/corrections", body, once);
      }}
      title="Correct the balance"
    >
      <p className="muted">Entries are never changed. A correction is another entry, and says why.</p>
      <AmountField {...amount.field} help="Below zero it is taken out, such as -2.50." label="Amount" />
      <Note error={isMissing ? "Say why." : null} onChange={setNote} required value={note} />
    </FormDialog>
  );
}

export function Redeem({ onClose, onDone }: Omit<Props, "organisationId">) {
  const once = useOnce();
  const [code, setCode] = useState("");
  const [isMissing, setMissing] = useState(false);
  return (
    <FormDialog
      verb="Redeem"
      onClose={onClose}
      onDone={onDone}
      act={() => {
        setMissing(code.trim() === "");
        return code.trim() === "" ? null : move("/v1/vouchers/redeem", { code: code.trim() }, once);
      }}
      title="Redeem a voucher"
    >
      <TextField
        autoComplete="off"
        error={isMissing ? "Type the code of the voucher." : null}
        help="Small letters and missing dashes are fine."
        label="Code"
        onChange={(event) => setCode(event.target.value)}
        placeholder="EP-XXXXX-XXXXX-XXXXX-XXXXX"
        spellCheck={false}
        value={code}
      />
    </FormDialog>
  );
}

interface NoteProps {
  value: string;
  onChange: (note: string) => void;
  required?: boolean;
  error?: string | null;
}

export function Note({ value, onChange, required, error }: NoteProps) {
  return (
    <TextField
      error={error}
      help="Stands with the transaction, where the organisation sees it."
      label={required ? "Note" : "Note (optional)"}
      maxLength={500}
      onChange={(event) => onChange(event.target.value)}
      value={value}
    />
  );
}

/** An amount as it is typed; `read` gives it as the API takes it, or null after saying what is wrong. */
export function useAmount(allowed?: Allowed, first = "") {
  const [value, setValue] = useState(first);
  const [error, setError] = useState<string | null>(null);
  const onChange = (text: string) => {
    setValue(text);
    setError(null);
  };
  const read = (): string | null => {
    const typed = typedAmount(value, allowed);
    setError(typed.error);
    return typed.amount;
  };
  return { field: { value, error, onChange }, read };
}
