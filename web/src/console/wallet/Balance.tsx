import type { Wallet } from "../../api/types";
import { usd } from "../../ui/format";
import { billionths } from "../../ui/money";
import { Notice, Stat, Stats } from "../../ui/telling";
import type { LowBalance } from "./queries";

/** What there is, what is held for calls under way, and how far it may go down. */
export function Balance({ wallet, low }: { wallet: Wallet; low: LowBalance | null }) {
  const { available_usd: available, terms } = wallet;
  return (
    <>
      <Stats>
        <Stat name="Balance" note="What there is, held money included" value={usd(wallet.balance_usd)} />
        <Stat name="Held" note="For calls under way" value={usd(wallet.reserved_usd)} />
        <Stat
          name="Available"
          note={available === null ? "Nothing bounds it" : "To spend now"}
          value={available === null ? "Unbounded" : usd(available)}
        />
        <Stat
          name="Terms"
          note={termsNote(wallet)}
          value={terms.payment === "prepaid" ? "Prepaid" : "Postpaid"}
        />
      </Stats>
      {available !== null && billionths(available) <= 0n && (
        <Notice tone="bad">
          <p>The wallet is used up: calls that cost money are refused until it is filled.</p>
        </Notice>
      )}
      {available !== null && low !== null && <Low available={available} low={low} />}
    </>
  );
}

/** The threshold is one of the hub's settings, so it is told here and not changed. */
function Low({ available, low }: { available: string; low: LowBalance }) {
  const isLow = billionths(available) > 0n && billionths(available) < billionths(low.belowUsd);
  const text = (
    <>
      A balance is low below {usd(low.belowUsd)}
      {low.isNotified
        ? ": a notice goes out then."
        : ". No notice goes out: wallet.notice_url names no address."}
    </>
  );
  if (!isLow) return <p className="muted small">{text}</p>;
  return (
    <Notice tone="warn">
      <p>
        <strong>The balance is low.</strong> {text}
      </p>
    </Notice>
  );
}

function termsNote({ terms }: Wallet): string {
  if (terms.payment === "prepaid") return "Stops at zero";
  return terms.credit_usd === null ? "Without bound" : `Credit of ${usd(terms.credit_usd)}`;
}
