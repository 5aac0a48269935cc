/** How far a wallet may go down: prepaid to zero, postpaid to a credit or without bound. */
import { useState } from "react";
import type { Wallet } from "../../api/types";
import { Check } from "../../ui/controls";
import { FormDialog } from "../FormDialog";
import { AmountField } from "./AmountField";
import { useAmount } from "./moving";
import { changeTerms } from "./queries";

interface Props {
  wallet: Wallet;
  onClose: () => void;
}

export function TermsDialog({ wallet, onClose }: Props) {
  const { payment: before, credit_usd: credit } = wallet.terms;
  const [payment, setPayment] = useState(before);
  const [isBound, setBound] = useState(credit !== null);
  const amount = useAmount({ zero: true }, credit ?? "");
  return (
    <FormDialog
      verb="Save"
      onClose={onClose}
      onDone={onClose}
      act={() => {
        const creditUsd = payment === "postpaid" && isBound ? amount.read() : null;
        if (payment === "postpaid" && isBound && creditUsd === null) return null;
        return changeTerms(wallet.organisation_id, { payment, credit_usd: creditUsd });
      }}
      title="Terms of payment"
    >
      <fieldset className="choices">
        <legend>Payment</legend>
        <Choice
          help="Calls stop when the balance is used up."
          isChosen={payment === "prepaid"}
          label="Prepaid"
          onChoose={() => setPayment("prepaid")}
        />
        <Choice
          help="The balance may go below zero, and is settled later."
          isChosen={payment === "postpaid"}
          label="Postpaid"
          onChoose={() => setPayment("postpaid")}
        />
      </fieldset>
      {payment === "postpaid" && (
        <>
          <Check
            checked={isBound}
            label="Up to a credit"
            onChange={(event) => setBound(event.target.checked)}
          />
          {isBound && (
            <AmountField {...amount.field} help="How far the balance may go below zero." label="Credit" />
          )}
        </>
      )}
    </FormDialog>
  );
}

interface ChoiceProps {
  label: string;
  help: string;
  isChosen: boolean;
  onChoose: () => void;
}

function Choice({ label, help, isChosen, onChoose }: ChoiceProps) {
  return (
    <label className="check">
      <input checked={isChosen} name="payment" onChange={onChoose} type="radio" />
      <span>
        {label} <span className="help">{help}</span>
      </span>
    </label>
  );
}
