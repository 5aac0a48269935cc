/** Vouchers: made with codes that are shown once, listed without them, and withdrawn as long as nobody redeemed them. */
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Voucher } from "../../api/types";
import { Button } from "../../ui/controls";
import { UNKNOWN, usd, utc } from "../../ui/format";
import { Pages } from "../../ui/Pages";
import { actions, type Column, Table } from "../../ui/Table";
import { Badge, Empty } from "../../ui/telling";
import { FormDialog } from "../FormDialog";
import { organisationsQuery } from "../queries";
import { NewVouchers } from "./NewVouchers";
import { vouchersQuery, withdrawVoucher } from "./queries";

export function Vouchers() {
  const query = useInfiniteQuery(vouchersQuery);
  const organisations = useQuery(organisationsQuery).data ?? [];
  const [isMaking, setMaking] = useState(false);
  const [leaving, setLeaving] = useState<Voucher | null>(null);
  const columns: Column<Voucher>[] = [
    { head: "Voucher", cell: (row) => <span className="mono small">{row.id}</span> },
    { head: "Amount", number: true, cell: (row) => usd(row.amount_usd) },
    { head: "State", cell: (row) => <State voucher={row} /> },
    { head: "Made (UTC)", cell: (row) => <span className="nowrap">{utc(row.created_at)}</span> },
    { head: "Expires (UTC)", cell: (row) => (row.expires_at ? utc(row.expires_at) : "Never") },
    {
      head: "Redeemed by",
      cell: (row) =>
        organisations.find(({ id }) => id === row.redeemed_by)?.name ?? row.redeemed_by ?? UNKNOWN,
    },
    { head: "Note", cell: (row) => <span className="name">{row.note ?? ""}</span> },
    actions(
      (row) =>
        row.redeemed_at === null && (
          <Button aria-label={`Withdraw ${row.id}`} kind="quiet" onClick={() => setLeaving(row)} small>
            Withdraw
          </Button>
        ),
    ),
  ];
  return (
    <div className="stack">
      <p className="row" data-spread>
        <span className="muted">A code fills the wallet of the organisation that redeems it, once.</span>
        <Button kind="primary" onClick={() => setMaking(true)}>
          Make vouchers
        </Button>
      </p>
      <Pages query={query}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty title="No vouchers have been made." />
          ) : (
            <Table caption="Vouchers" columns={columns} rowKey={(row) => row.id} rows={rows} />
          )
        }
      </Pages>
      {isMaking && <NewVouchers onClose={() => setMaking(false)} />}
      {leaving !== null && (
        <FormDialog
          verb="Withdraw"
          kind="danger"
          onClose={() => setLeaving(null)}
          onDone={() => setLeaving(null)}
          act={() => withdrawVoucher(leaving.id)}
          title="Withdraw a voucher"
        >
          <p>
            The code of {usd(leaving.amount_usd)} becomes worthless. Whoever has it cannot redeem it any more.
          </p>
        </FormDialog>
      )}
    </div>
  );
}

function State({ voucher }: { voucher: Voucher }) {
  if (voucher.redeemed_at !== null) return <Badge>redeemed {utc(voucher.redeemed_at)}</Badge>;
  if (voucher.expires_at !== null && Date.parse(voucher.expires_at) <= Date.now()) {
    return <Badge tone="warn">expired</Badge>;
  }
  return <Badge tone="good">open</Badge>;
}
