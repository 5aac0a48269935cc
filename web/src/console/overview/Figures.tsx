import { useState } from "react";
import type { UsageGroup } from "../../api/types";
import { count, duration, percent, usd, utc } from "../../ui/format";
import { type Column, Table } from "../../ui/Table";
import { FIELDS, labelOf } from "../filter";
import type { Names } from "../names";
import { type Grouping, groupOf, type Step, timeOf } from "./series";

interface Props {
  rows: readonly UsageGroup[];
  groups: readonly UsageGroup[];
  by: Grouping | null;
  step: Step;
  names: Names;
}

/** The same figures as those of the charts, to read and to hear. */
export function Figures({ rows, groups, by, step, names }: Props) {
  const [isOpen, setOpen] = useState(false);
  const newestFirst = [...rows].sort((one, other) => timeOf(other, step) - timeOf(one, step));
  const label = FIELDS.find(({ name }) => name === by)?.label ?? "";
  const time: Column<UsageGroup> = {
    head: "Time (UTC)",
    cell: (row) => <span className="nowrap">{timeText(row, step)}</span>,
  };
  if (by === null) {
    return (
      <section className="stack" data-tight>
        <h2>Over time</h2>
        <Table
          caption={`Figures by ${step}`}
          columns={[time, ...FIGURES]}
          rowKey={(row) => String(timeOf(row, step))}
          rows={newestFirst}
        />
      </section>
    );
  }
  const group: Column<UsageGroup> = {
    head: label,
    cell: (row) => <span className="name">{labelOf(by, groupOf(row, by) || null, names)}</span>,
  };
  return (
    <section className="stack" data-tight>
      <h2>By {label.toLowerCase()}</h2>
      <Table
        caption={`Figures by ${label.toLowerCase()}`}
        columns={[group, ...FIGURES]}
        rowKey={(row) => groupOf(row, by)}
        rows={groups}
      />
      <details className="details" onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>
          By {label.toLowerCase()} and {step}
        </summary>
        {isOpen && (
          <Table
            caption={`Figures by ${label.toLowerCase()} and ${step}`}
            columns={[time, group, ...FIGURES]}
            rowKey={(row) => `${timeOf(row, step)} ${groupOf(row, by)}`}
            rows={newestFirst}
          />
        )}
      </details>
    </section>
  );
}

const FIGURES: readonly Column<UsageGroup>[] = [
  { head: "Spend", number: true, cell: (row) => usd(row.cost_usd) },
  { head: "Requests", number: true, cell: (row) => count(row.requests) },
  { head: "Errors", number: true, cell: (row) => count(row.failed) },
  { head: "Error share", number: true, cell: (row) => percent(row.failed / row.requests) },
  { head: "Tokens in", number: true, cell: (row) => count(row.input_tokens) },
  { head: "Tokens out", number: true, cell: (row) => count(row.output_tokens) },
  { head: "Latency p50", number: true, cell: (row) => duration(row.p50_duration_ms) },
  { head: "p95", number: true, cell: (row) => duration(row.p95_duration_ms) },
  { head: "First token p50", number: true, cell: (row) => duration(row.p50_ttft_ms) },
  { head: "p95", number: true, cell: (row) => duration(row.p95_ttft_ms) },
];

function timeText(row: UsageGroup, step: Step): string {
  const text = utc(timeOf(row, step) * 1000);
  return step === "day" ? (text.split(",")[0] ?? text) : text.replace(/:00$/, "");
}
