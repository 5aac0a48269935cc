/** What a model costs: the rates by tier and size of input, what typical calls cost, and a calculator. */
import type { ModelPage, PriceLine, PriceTable } from "../../api/types";
import { count, day, nusd, UNKNOWN, usd } from "../../ui/format";
import { Table } from "../../ui/Table";
import { rateOf, type Tier, tiersOf } from "../cost";
import { Calculator } from "./Calculator";

export function Prices({ page }: { page: ModelPage }) {
  const { prices, typical_calls: calls } = page;
  if (prices.length === 0)
    return (
      <p className="muted">The price is unknown, so live calls are refused until the operator sets one.</p>
    );
  return (
    <>
      <p className="muted small">US dollars per million tokens, on {day(page.shown_on)}.</p>
      {prices.map((table, index) => (
        <div className="stack" data-tight key={table.above_input_tokens}>
          {prices.length > 1 && <h3>{sizes(table, prices[index + 1])}</h3>}
          <RateTable
            caption={`Prices${prices.length > 1 ? `, ${sizes(table, prices[index + 1])}` : ""}`}
            table={table}
            tiers={tiersOf(prices)}
          />
        </div>
      ))}
      {calls.length > 0 && (
        <>
          <h3>What typical calls cost</h3>
          <Table
            caption="What typical calls cost"
            columns={[
              { head: "A call", cell: (call) => call.name },
              { head: "Input tokens", number: true, cell: (call) => count(call.input_tokens) },
              { head: "of them cached", number: true, cell: (call) => count(call.cached_tokens) },
              { head: "Output tokens", number: true, cell: (call) => count(call.output_tokens) },
              { head: "Costs", number: true, cell: (call) => nusd(call.cost_nusd) },
            ]}
            rowKey={(call) => call.name}
            rows={calls}
          />
        </>
      )}
      <Calculator page={page} />
    </>
  );
}

function sizes(table: PriceTable, next: PriceTable | undefined): string {
  const from = table.above_input_tokens;
  if (from > 0) return `Calls with more than ${count(from)} input tokens`;
  return `Calls with up to ${count(next?.above_input_tokens)} input tokens`;
}

const TIER_LABELS: Record<Tier, string> = { standard: "Standard", batch: "Batch", priority: "Priority" };

function RateTable({ caption, table, tiers }: { caption: string; table: PriceTable; tiers: Tier[] }) {
  return (
    <Table
      caption={caption}
      columns={[
        { head: "Meter", cell: (line: PriceLine) => line.label },
        ...tiers.map((tier) => ({
          head: TIER_LABELS[tier],
          number: true,
          cell: (line: PriceLine) => <Rate line={line} table={table} tier={tier} />,
        })),
      ]}
      rowKey={(line) => line.meter}
      rows={table.lines}
    />
  );
}

/** A meter's own rate, or by which other it is billed. */
function Rate({ line, table, tier }: { line: PriceLine; table: PriceTable; tier: Tier }) {
  const rate = rateOf(table, line.meter, tier);
  if (rate === null) return UNKNOWN;
  if (rate.meter === line.meter) return usd(rate.usd);
  return <span className="faint">as {rate.meter.replaceAll("_", " ")}</span>;
}
