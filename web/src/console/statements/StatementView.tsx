import { useState } from "react";
import type { Movement, Statement } from "../../api/types";
import { count, usd, utc } from "../../ui/format";
import { type Column, Table } from "../../ui/Table";
import { Tabs } from "../../ui/Tabs";
import { Empty, Notice } from "../../ui/telling";
import { useNames } from "../names";
import { type By, type Sum, sumsOf } from "./sums";

const TABS: readonly { id: By; label: string; head: string }[] = [
  { id: "model", label: "By model", head: "Model" },
  { id: "key", label: "By key", head: "Key" },
  { id: "meter", label: "By meter", head: "Meter" },
];

export function StatementView({ statement }: { statement: Statement }) {
  const [by, setBy] = useState<By>("model");
  return (
    <div className="stack" data-wide>
      {!statement.closed && (
        <Notice>
          <p>The month is not over: these are the figures so far.</p>
        </Notice>
      )}
      <Reckoning statement={statement} />
      <section className="stack" data-tight>
        <h2>Usage</h2>
        {statement.usage.length === 0 ? (
          <Empty title="No call was charged in this month." />
        ) : (
          <Tabs
            label="Usage"
            onChange={(id) => setBy(TABS.find((tab) => tab.id === id)?.id ?? "model")}
            tabs={TABS.map(({ id, label }) => ({
              id,
              label,
              content: (
                <Table
                  caption={`Usage ${label.toLowerCase()}`}
                  columns={usageColumns(id)}
                  rowKey={(row) => `${row.name} ${row.cost} ${row.requests}`}
                  rows={sumsOf(statement.usage, id)}
                />
              ),
            }))}
            value={by}
          />
        )}
      </section>
      <Movements movements={statement.movements} />
    </div>
  );
}

/** The sums of the ledger, in the order in which they are reckoned. */
function Reckoning({ statement }: { statement: Statement }) {
  const rows = [
    ["Opening balance", usd(statement.opening_balance_usd)],
    ["Money in and corrections", usd(statement.movements_usd)],
    ["Usage", statement.usage_usd === "0" ? usd("0") : usd(`-${statement.usage_usd}`)],
  ];
  return (
    <section aria-label="Balance" className="reckoning">
      <p className="muted small">
        {statement.organisation} · {utc(statement.from)} to {utc(statement.until)} UTC · {statement.currency}
      </p>
      <table>
        <caption className="visually-hidden">Balance</caption>
        <tbody>
          {rows.map(([name, amount]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{amount}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">{statement.closed ? "Closing balance" : "Balance now"}</th>
            <td>{usd(statement.closing_balance_usd)}</td>
          </tr>
        </tfoot>
      </table>
    </section>
  );
}

function usageColumns(by: By): Column<Sum>[] {
  const name: Column<Sum> = {
    head: TABS.find(({ id }) => id === by)?.head ?? "",
    cell: (row) => <span className="name">{row.name}</span>,
  };
  const cost: Column<Sum> = { head: "Cost", number: true, cell: (row) => usd(row.cost) };
  if (by === "meter") return [name, { head: "Units", number: true, cell: (row) => count(row.units) }, cost];
  return [
    name,
    { head: "Calls", number: true, cell: (row) => count(row.requests) },
    { head: "Tokens in", number: true, cell: (row) => count(row.inputTokens) },
    { head: "Tokens out", number: true, cell: (row) => count(row.outputTokens) },
    cost,
  ];
}

function Movements({ movements }: { movements: readonly Movement[] }) {
  const names = useNames();
  const columns: Column<Movement>[] = [
    { head: "Time (UTC)", cell: (row) => <span className="nowrap">{utc(row.at)}</span> },
    { head: "Kind", cell: (row) => row.type },
    { head: "Amount", number: true, cell: (row) => usd(row.amount_usd) },
    {
      head: "By",
      cell: (row) => <span className="name">{row.actor && names.actor(row.actor)}</span>,
    },
    { head: "Note", cell: (row) => <span className="name">{row.note}</span> },
    { head: "Reference", cell: (row) => <span className="mono small">{row.reference}</span> },
  ];
  return (
    <section className="stack" data-tight>
      <h2>Movements</h2>
      {movements.length === 0 ? (
        <p className="muted">No money moved but by usage.</p>
      ) : (
        <Table caption="Movements" columns={columns} rowKey={(row) => row.reference} rows={movements} />
      )}
    </section>
  );
}
