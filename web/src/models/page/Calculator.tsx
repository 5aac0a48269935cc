/** What a call of the reader's own size costs, by the rates that stand above it. */
import { useState } from "react";
import type { ModelPage } from "../../api/types";
import { Button, SelectField, TextField } from "../../ui/controls";
import { nusd, UNKNOWN } from "../../ui/format";
import { costNusd, type Tier, tiersOf, type Usage } from "../cost";

type Counts = Record<keyof Usage | "calls", string>;

const LABELS: Record<keyof Counts, string> = {
  input: "Input tokens",
  cached: "of them cached",
  written: "of them written",
  output: "Output tokens",
  calls: "Calls",
};

export function Calculator({ page }: { page: ModelPage }) {
  const [first] = page.typical_calls;
  const [counts, setCounts] = useState<Counts>({
    input: String(first?.input_tokens ?? 1000),
    cached: String(first?.cached_tokens ?? 0),
    written: "0",
    output: String(first?.output_tokens ?? 0),
    calls: "1",
  });
  const [tier, setTier] = useState<Tier>("standard");
  const tiers = tiersOf(page.prices);
  const fields: (keyof Counts)[] =
    page.kind === "chat" ? ["input", "cached", "written", "output", "calls"] : ["input", "calls"];
  return (
    <form className="panel stack" onSubmit={(event) => event.preventDefault()}>
      <div className="row" data-spread>
        <h3>Calculate</h3>
        <div className="row">
          {page.typical_calls.map((call) => (
            <Button
              key={call.name}
              kind="quiet"
              onClick={() =>
                setCounts({
                  ...counts,
                  input: String(call.input_tokens),
                  cached: String(call.cached_tokens),
                  written: "0",
                  output: String(call.output_tokens),
                })
              }
              small
            >
              {call.name}
            </Button>
          ))}
        </div>
      </div>
      <div className="calculator">
        {fields.map((name) => (
          <TextField
            error={whole(counts[name]) === null ? "A whole number" : null}
            inputMode="numeric"
            key={name}
            label={LABELS[name]}
            onChange={(event) => setCounts({ ...counts, [name]: event.target.value })}
            value={counts[name]}
          />
        ))}
        {tiers.length > 1 && (
          <SelectField label="Tier" onChange={(event) => setTier(event.target.value as Tier)} value={tier}>
            {tiers.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </SelectField>
        )}
      </div>
      <Result counts={counts} page={page} tier={tier} />
    </form>
  );
}

function Result({ counts, page, tier }: { counts: Counts; page: ModelPage; tier: Tier }) {
  const usage = read(counts);
  const calls = whole(counts.calls);
  const one = usage === null ? null : costNusd(page.prices, usage, tier);
  return (
    <output className="calculator-result">
      {usage === null || calls === null ? (
        UNKNOWN
      ) : one === null ? (
        "There is no rate for that in this tier."
      ) : (
        <>
          <strong>{nusd(one)}</strong> a call
          {calls !== 1n && (
            <>
              , <strong>{nusd(one * calls)}</strong> for {calls.toLocaleString("en-US")} calls
            </>
          )}
        </>
      )}
    </output>
  );
}

function read(counts: Counts): Usage | null {
  const [input, cached, written, output] = [counts.input, counts.cached, counts.written, counts.output].map(
    whole,
  );
  if (input == null || cached == null || written == null || output == null) return null;
  return { input, cached, written, output };
}

/** Thousands may be set apart as they are on the page. */
function whole(text: string): bigint | null {
  const digits = text.replace(/[\s,_]/g, "");
  return /^\d{1,15}$/.test(digits) ? BigInt(digits) : null;
}
