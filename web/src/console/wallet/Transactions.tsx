import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import type { Transaction } from "../../api/types";
import { Button, SelectField, TextField } from "../../ui/controls";
import { csv, download } from "../../ui/csv";
import { sentence, UNKNOWN, usd, utc } from "../../ui/format";
import { Pages } from "../../ui/Pages";
import { type Column, Table } from "../../ui/Table";
import { Empty } from "../../ui/telling";
import { type Names, useNames } from "../names";
import type { Change } from "../search";
import { type TransactionFilter, transactionsQuery } from "./queries";

const TYPES = ["usage", "topup", "grant", "voucher", "refund", "correction"];

interface Props {
  organisationId: string;
  search: URLSearchParams;
  change: Change;
}

/** What came into the wallet and went out of it, newest first. */
export function Transactions({ organisationId, search, change }: Props) {
  const filter = filterOf(search);
  const query = useInfiniteQuery(transactionsQuery(organisationId, filter));
  const names = useNames();
  const rows = query.data?.pages.flatMap((page) => page.data) ?? [];
  const isFiltered = Object.keys(filter).length > 0;
  return (
    <div className="stack">
      <search className="filter-fields">
        <SelectField
          label="Kind"
          onChange={(event) => change({ type: event.target.value })}
          value={filter.type ?? ""}
        >
          <option value="">All</option>
          {TYPES.map((type) => (
            <option key={type} value={type}>
              {kind(type)}
            </option>
          ))}
        </SelectField>
        <SelectField
          label="Direction"
          onChange={(event) => change({ direction: event.target.value })}
          value={filter.direction ?? ""}
        >
          <option value="">Both</option>
          <option value="topup">Into the wallet</option>
          <option value="charge">Out of it</option>
        </SelectField>
        <DayField change={change} label="From (UTC)" name="from" search={search} />
        <DayField change={change} label="Before (UTC)" name="until" search={search} />
        {rows.length > 0 && (
          <Button onClick={() => download("transactions.csv", sheet(rows, names))}>
            CSV of the {rows.length} shown
          </Button>
        )}
      </search>
      <Pages query={query}>
        {() =>
          rows.length === 0 ? (
            <Empty title={isFiltered ? "No transaction fits the filters." : "No transactions yet."}>
              {!isFiltered && <p>Charges of calls stand here, and money that comes in.</p>}
            </Empty>
          ) : (
            <Table caption="Transactions" columns={columns(names)} rowKey={(row) => row.id} rows={rows} />
          )
        }
      </Pages>
    </div>
  );
}

function DayField({
  name,
  label,
  search,
  change,
}: { name: string; label: string } & Omit<Props, "organisationId">) {
  return (
    <TextField
      label={label}
      onChange={(event) => change({ [name]: event.target.value })}
      type="date"
      value={search.get(name) ?? ""}
    />
  );
}

function filterOf(search: URLSearchParams): TransactionFilter {
  const given = (["type", "direction", "from", "until"] as const).map(
    (name) => [name, search.get(name)] as const,
  );
  return Object.fromEntries(given.filter(([, value]) => value));
}

function columns(names: Names): Column<Transaction>[] {
  return [
    { head: "Time (UTC)", cell: (row) => <span className="nowrap">{utc(row.created_at)}</span> },
    { head: "Kind", cell: (row) => kind(row.type) },
    { head: "Amount", number: true, cell: (row) => <Amount row={row} /> },
    { head: "Model", cell: (row) => <span className="name">{row.model ?? UNKNOWN}</span> },
    { head: "Key", cell: (row) => <span className="name">{names.key(row.key_id)}</span> },
    { head: "Reference", cell: (row) => <Reference row={row} /> },
    {
      head: "Note",
      cell: (row) => (
        <span className="name">
          {row.note}
          {row.actor !== null && <small className="under">by {names.actor(row.actor)}</small>}
        </span>
      ),
    },
  ];
}

function Amount({ row }: { row: Transaction }) {
  return row.direction === "topup" ? (
    <span data-money="in">+{usd(row.amount_usd)}</span>
  ) : (
    <span>-{usd(row.amount_usd)}</span>
  );
}

function Reference({ row }: { row: Transaction }) {
  if (row.type !== "usage") return <span className="mono small nowrap">{row.reference}</span>;
  return (
    <Link className="mono small nowrap" to={`/console/logs/${encodeURIComponent(row.reference)}`}>
      {row.reference}
    </Link>
  );
}

function sheet(rows: readonly Transaction[], names: Names): string {
  return csv(
    ["id", "created_at", "type", "amount_usd", "model", "key_id", "key_name", "reference", "actor", "note"],
    rows.map((row) => [
      row.id,
      row.created_at,
      row.type,
      row.direction === "topup" ? row.amount_usd : `-${row.amount_usd}`,
      row.model,
      row.key_id,
      row.key_id && names.key(row.key_id),
      row.reference,
      row.actor,
      row.note,
    ]),
  );
}

function kind(type: string): string {
  return type === "topup" ? "Top-up" : sentence(type);
}
