import type { LogDetail } from "../../api/types";
import { count, sentence, usd } from "../../ui/format";
import { type Column, Table } from "../../ui/Table";

interface Kind {
  name: string;
  tokens: number;
  isPart: boolean;
}

interface Meter {
  name: string;
  units: number;
  cost: string;
}

const METERS: readonly Column<Meter>[] = [
  { head: "Meter", cell: (meter) => meter.name },
  { head: "Units", number: true, cell: (meter) => count(meter.units) },
  { head: "Cost", number: true, cell: (meter) => usd(meter.cost) },
];

const KINDS: readonly Column<Kind>[] = [
  { head: "Kind", cell: (kind) => <span data-part={kind.isPart || undefined}>{kind.name}</span> },
  { head: "Tokens", number: true, cell: (kind) => count(kind.tokens) },
];

/** What was counted, and what each meter charged for it. */
export function Tokens({ log }: { log: LogDetail }) {
  const meters = Object.entries(log.cost_details).map(([name, { units, cost_usd }]) => ({
    name: sentence(name),
    units,
    cost: cost_usd,
  }));
  return (
    <div className="halves">
      <section className="stack" data-tight>
        <h2>Tokens</h2>
        <Table caption="Tokens by kind" columns={KINDS} rowKey={(kind) => kind.name} rows={kinds(log)} />
        {log.estimated && (
          <p className="small muted">The provider told no usage: the hub counted these itself.</p>
        )}
      </section>
      <section className="stack" data-tight>
        <h2>Cost</h2>
        {meters.length > 0 ? (
          <>
            <Table caption="Cost by meter" columns={METERS} rowKey={(meter) => meter.name} rows={meters} />
            <p className="muted small">Charged in all: {usd(log.cost_usd)}</p>
          </>
        ) : (
          <p className="muted">{withoutCost(log)}</p>
        )}
      </section>
    </div>
  );
}

function kinds(log: LogDetail): Kind[] {
  const part = (name: string, tokens: number): Kind[] => (tokens > 0 ? [{ name, tokens, isPart: true }] : []);
  return [
    { name: "Input", tokens: log.input_tokens, isPart: false },
    ...part("read from a cache", log.cached_tokens),
    ...part("written to a cache", log.cache_write_tokens),
    ...part("of these kept for an hour", log.cache_write_1h_tokens),
    ...part("audio in", log.audio_input_tokens),
    ...part("images in", log.image_input_tokens),
    { name: "Output", tokens: log.output_tokens, isPart: false },
    ...part("reasoning", log.reasoning_tokens),
    ...part("audio out", log.audio_output_tokens),
  ];
}

function withoutCost(log: LogDetail): string {
  if (log.mode === "test") return "Test calls cost nothing.";
  if (log.outcome === "failed") return "Nothing was charged for this call.";
  return log.cost_usd === null ? "No price of this model is known." : "Nothing was charged for this call.";
}
