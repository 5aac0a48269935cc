/** What an organisation has, what moved it, and what bounds it. Who runs the hub also fills and bounds it. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { WalletEntry } from "../../api/types";
import { Page } from "../../shell/Page";
import { Answered } from "../../ui/Answered";
import { Button } from "../../ui/controls";
import { usd } from "../../ui/format";
import { Menu } from "../../ui/Menu";
import { Tabs } from "../../ui/Tabs";
import { Notice } from "../../ui/telling";
import { OrganisationField, useOrganisation } from "../organisation";
import { useSearch } from "../search";
import { useRunsTheHub, useSession } from "../session";
import { Balance } from "./Balance";
import { Budgets } from "./Budgets";
import { Correction, Grant, Redeem, Refund } from "./moving";
import { lowBalanceQuery, walletQuery } from "./queries";
import { TermsDialog } from "./Terms";
import { Transactions } from "./Transactions";
import { Vouchers } from "./Vouchers";

type Doing = "grant" | "refund" | "correction" | "redeem" | "terms" | null;

export function Wallet() {
  const { role } = useSession().member;
  const [search, change] = useSearch();
  const organisation = useOrganisation(search);
  const runsTheHub = useRunsTheHub();
  const wallet = useQuery(walletQuery(organisation.id));
  const low = useQuery({ ...lowBalanceQuery, enabled: runsTheHub });
  const asked = search.get("refund");
  const [doing, setDoing] = useState<Doing>(null);
  const [done, setDone] = useState<WalletEntry | null>(null);
  const shown = doing ?? (asked !== null && runsTheHub ? "refund" : null);
  const close = () => {
    setDoing(null);
    change({ refund: null });
  };
  const dialog = {
    organisationId: organisation.id,
    onClose: close,
    onDone: (entry: WalletEntry) => {
      setDone(entry);
      close();
    },
  };
  const open = (next: Doing) => {
    setDone(null);
    setDoing(next);
  };
  return (
    <Page
      actions={
        <>
          {role !== "viewer" && organisation.isOwn && (
            <Button onClick={() => open("redeem")}>Redeem a voucher</Button>
          )}
          {runsTheHub && (
            <Menu
              items={[
                { label: "Grant money", onSelect: () => open("grant") },
                { label: "Refund a charge", onSelect: () => open("refund") },
                { label: "Correct the balance", onSelect: () => open("correction") },
                { label: "Change the terms", onSelect: () => open("terms") },
              ]}
              label="Manage ▾"
              name="Manage the wallet"
            />
          )}
        </>
      }
      title="Wallet"
    >
      <div className="stack">
        <div className="filter-fields">
          <OrganisationField change={change} organisation={organisation} />
        </div>
        {done !== null && (
          <Notice tone="good">
            <p role="status">
              Done: {done.type} of {usd(done.amount_usd)}.
            </p>
          </Notice>
        )}
        <Answered query={wallet}>{(found) => <Balance low={low.data ?? null} wallet={found} />}</Answered>
        <Tabs
          label="Wallet"
          onChange={(id) => change({ tab: id === "transactions" ? null : id })}
          tabs={[
            {
              id: "transactions",
              label: "Transactions",
              content: <Transactions change={change} organisationId={organisation.id} search={search} />,
            },
            ...(organisation.isOwn ? [{ id: "budgets", label: "Budgets", content: <Budgets /> }] : []),
            ...(runsTheHub ? [{ id: "vouchers", label: "Vouchers", content: <Vouchers /> }] : []),
          ]}
          value={search.get("tab") ?? "transactions"}
        />
      </div>
      {shown === "grant" && <Grant {...dialog} />}
      {shown === "refund" && <Refund {...dialog} requestId={asked ?? ""} />}
      {shown === "correction" && <Correction {...dialog} />}
      {shown === "redeem" && <Redeem onClose={close} onDone={dialog.onDone} />}
      {shown === "terms" && wallet.data && <TermsDialog onClose={close} wallet={wallet.data} />}
    </Page>
  );
}
