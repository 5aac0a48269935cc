import type { LogDetail, LogEntry } from "../../api/types";
import { duration, UNKNOWN, usd } from "../../ui/format";
import { type Column, Table } from "../../ui/Table";

const KINDS: Readonly<Record<LogEntry["kind"], string>> = {
  reserve: "Held for the call",
  attempt: "An attempt failed that its provider may bill; nobody is charged for it",
  settle: "Charged, and the rest given back",
  void: "Nothing charged, all given back",
  expire: "The call never ended: all given back",
  recover: "Charged after a crash for what was delivered",
  refund: "Given back",
};

const COLUMNS: readonly Column<LogEntry>[] = [
  { head: "Entry", cell: (entry) => entry.kind },
  {
    head: "What happened",
    cell: (entry) => (
      <>
        {KINDS[entry.kind]}
        {entry.kind === "attempt" && entry.provider !== null && ` (${entry.provider})`}
        {entry.note !== null && <span className="muted"> · {entry.note}</span>}
      </>
    ),
  },
  { head: "After", number: true, cell: (entry) => duration(entry.after_ms) },
  { head: "Wallet", number: true, cell: (entry) => signed(entry.wallet_usd) },
  { head: "Held", number: true, cell: (entry) => signed(entry.reserved_usd) },
  {
    head: "Charged",
    number: true,
    cell: (entry) => (entry.charged_usd === "0" ? UNKNOWN : usd(entry.charged_usd)),
  },
];

/** What the ledger has of a call, from holding the money to settling it. */
export function Money({ log }: { log: LogDetail }) {
  return (
    <section className="stack" data-tight>
      <h2>Ledger</h2>
      {log.entries.length > 0 ? (
        <Table
          caption="Entries of the ledger"
          columns={COLUMNS}
          rowKey={(entry) => `${entry.kind} ${entry.after_ms} ${entry.provider ?? ""} ${entry.wallet_usd}`}
          rows={log.entries}
        />
      ) : (
        <p className="muted">The call moved no money.</p>
      )}
    </section>
  );
}

function signed(amount: string): string {
  if (amount === "0") return UNKNOWN;
  return amount.startsWith("-") ? usd(amount) : `+${usd(amount)}`;
}
