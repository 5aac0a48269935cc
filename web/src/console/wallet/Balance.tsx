import type { Wallet } from "../../api/types";
import { usd } from "../../ui/format";
import { billionths } from "../../ui/money";
import { Notice, Stat, Stats } from "../../ui/telling";

/** What there is, what is held for calls under way, and how far it may go down. */
export function Balance({ wallet }: { wallet: Wallet }) {
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
    </>
  );
}

function termsNote({ terms }: Wallet): string {
  if (terms.payment === "prepaid") return "Stops at zero";
  return terms.credit_usd === null ? "Without bound" : `Credit of ${usd(terms.credit_usd)}`;
}
