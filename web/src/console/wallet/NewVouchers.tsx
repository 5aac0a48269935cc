import { useState } from "react";
import type { NewVoucher } from "../../api/types";
import { Copy } from "../../ui/Copy";
import { Button, TextField } from "../../ui/controls";
import { csv, download } from "../../ui/csv";
import { Dialog } from "../../ui/Dialog";
import { usd } from "../../ui/format";
import { Notice } from "../../ui/telling";
import { FormDialog } from "../FormDialog";
import { AmountField } from "./AmountField";
import { Note, useAmount } from "./moving";
import { makeVouchers, useOnce } from "./queries";

const MOST = 1000;

/** New vouchers, and then their codes: the only time these are shown. */
export function NewVouchers({ onClose }: { onClose: () => void }) {
  const [made, setMade] = useState<readonly NewVoucher[] | null>(null);
  const once = useOnce();
  const amount = useAmount();
  const [number, setNumber] = useState("1");
  const [expires, setExpires] = useState("");
  const [note, setNote] = useState("");
  const [wrong, setWrong] = useState<string | null>(null);
  if (made !== null) return <Codes made={made} onClose={onClose} />;
  return (
    <FormDialog
      verb="Make"
      onClose={onClose}
      onDone={setMade}
      act={() => {
        const amountUsd = amount.read();
        const isCount = /^\d{1,4}$/.test(number) && Number(number) >= 1 && Number(number) <= MOST;
        setWrong(isCount ? null : `A whole number from 1 to ${MOST}.`);
        if (amountUsd === null || !isCount) return null;
        const body = {
          amount_usd: amountUsd,
          count: Number(number),
          expires_at: expires === "" ? null : `${expires}:00Z`,
          note: note || null,
        };
        return makeVouchers(body, once);
      }}
      title="Make vouchers"
    >
      <AmountField {...amount.field} label="Amount of each" />
      <TextField
        error={wrong}
        inputMode="numeric"
        label="How many"
        onChange={(event) => setNumber(event.target.value)}
        value={number}
      />
      <TextField
        help="Empty: never."
        label="Expires (UTC)"
        onChange={(event) => setExpires(event.target.value)}
        type="datetime-local"
        value={expires}
      />
      <Note onChange={setNote} value={note} />
    </FormDialog>
  );
}

function Codes({ made, onClose }: { made: readonly NewVoucher[]; onClose: () => void }) {
  const codes = made.map(({ code }) => code ?? "");
  const rows = made.map(({ id, code, amount_usd, expires_at, note }) => [
    id,
    code,
    amount_usd,
    expires_at,
    note,
  ]);
  return (
    <Dialog onClose={onClose} open title={made.length === 1 ? "The voucher's code" : `${made.length} codes`}>
      <Notice tone="warn">
        <p>Codes are shown only now. The hub keeps none of them.</p>
      </Notice>
      <ul className="codes">
        {made.map(({ id, code, amount_usd }) => (
          <li key={id}>
            <code>{code}</code> <span className="muted">{usd(amount_usd)}</span>
          </li>
        ))}
      </ul>
      <div className="row">
        <Copy label={made.length === 1 ? "Copy the code" : "Copy all"} text={codes.join("\n")} />
        <Button
          onClick={() =>
            download("vouchers.csv", csv(["id", "code", "amount_usd", "expires_at", "note"], rows))
          }
          small
        >
          Download CSV
        </Button>
        <Button kind="primary" onClick={onClose} small>
          Done
        </Button>
      </div>
    </Dialog>
  );
}
