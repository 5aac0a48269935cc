import { Link } from "react-router";
import type { LogRow } from "../../api/types";
import { count, duration, usd, utcShort } from "../../ui/format";
import { type Column, Table } from "../../ui/Table";
import { Badge } from "../../ui/telling";
import { useNames } from "../names";

/** Calls one by one; the time leads to the call's own page. */
export function Calls({ rows }: { rows: readonly LogRow[] }) {
  const names = useNames();
  const columns: Column<LogRow>[] = [
    {
      head: "Time (UTC)",
      cell: (row) => (
        <Link
          className="nowrap"
          title={row.created_at}
          to={`/console/logs/${encodeURIComponent(row.request_id)}`}
        >
          {utcShort(row.created_at)}
        </Link>
      ),
    },
    { head: "Model", cell: (row) => <span className="name">{row.model ?? row.asked}</span> },
    { head: "Outcome", cell: (row) => <Outcome row={row} /> },
    {
      head: "Key",
      cell: (row) => (
        <span className="name">
          {names.key(row.key_id)} {row.mode === "test" && <Badge tone="accent">test</Badge>}
          {row.member_id !== null && <small className="under">{names.member(row.member_id)}</small>}
        </span>
      ),
    },
    { head: "Tokens in", number: true, cell: (row) => tokens(row, row.input_tokens) },
    { head: "Out", number: true, cell: (row) => tokens(row, row.output_tokens) },
    { head: "First token", number: true, cell: (row) => duration(row.ttft_ms) },
    { head: "Duration", number: true, cell: (row) => duration(row.duration_ms) },
    { head: "Cost", number: true, cell: (row) => usd(row.cost_usd) },
  ];
  return <Table caption="Calls" columns={columns} rowKey={(row) => row.request_id} rows={rows} />;
}

export function Outcome({ row }: { row: LogRow }) {
  if (row.outcome === "succeeded") return <Badge tone="good">{row.status}</Badge>;
  return (
    <Badge tone={row.status === 499 ? "warn" : "bad"}>
      <span className="clip">
        {row.status} {row.error_code ?? (row.status === 499 ? "client left" : "failed")}
      </span>
    </Badge>
  );
}

/** The hub's own estimate is marked as one. */
function tokens(row: LogRow, value: number): string {
  return `${row.estimated ? "≈ " : ""}${count(value)}`;
}
