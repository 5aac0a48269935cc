/** What this hub has measured of its own live calls. */
import type { ModelPage, Spread } from "../../api/types";
import { count, duration, rate } from "../../ui/format";
import { Table } from "../../ui/Table";

interface Row {
  name: string;
  spread: Spread;
  write: (value: number) => string;
}

export function LatencyTable({ page: { latency } }: { page: ModelPage }) {
  if (latency === null) return null;
  const measured: { name: string; spread: Spread | null; write: Row["write"] }[] = [
    { name: "First token", spread: latency.ttft_ms, write: duration },
    { name: "Whole call", spread: latency.duration_ms, write: duration },
    { name: "Output", spread: latency.output_tokens_per_s, write: rate },
  ];
  const rows = measured.flatMap(({ spread, ...row }): Row[] => (spread === null ? [] : [{ ...row, spread }]));
  return (
    <>
      <p className="muted small">
        {count(latency.requests)} live calls of the last {latency.window_s / 3600} hours.
      </p>
      <Table
        caption="Latency on this hub"
        columns={[
          { head: "", cell: (row) => row.name },
          { head: "Median", number: true, cell: ({ spread, write }) => write(spread.p50) },
          { head: "p90", number: true, cell: ({ spread, write }) => write(spread.p90) },
          { head: "p99", number: true, cell: ({ spread, write }) => write(spread.p99) },
        ]}
        rowKey={(row) => row.name}
        rows={rows}
      />
    </>
  );
}
