import type { UsageSums } from "../../api/types";
import { compact, count, duration, percent, usd } from "../../ui/format";
import { Stat, Stats } from "../../ui/telling";
import { dollarsShort } from "./figures";

/** A window's sums. */
export function Tiles({ total }: { total: UsageSums }) {
  const { requests, failed } = total;
  return (
    <Stats>
      <Stat
        name="Spend"
        note={total.cost_usd === null ? "No price is known" : usd(total.cost_usd)}
        value={dollarsShort(total.cost_usd)}
      />
      <Stat name="Requests" note={`${count(requests - failed)} succeeded`} value={count(requests)} />
      <Stat name="Error share" note={`${count(failed)} failed`} value={percent(failed / requests)} />
      <Stat
        name="Tokens in"
        note={`${compact(total.cached_tokens)} from caches`}
        value={compact(total.input_tokens)}
      />
      <Stat
        name="Tokens out"
        note={`${compact(total.reasoning_tokens)} reasoning`}
        value={compact(total.output_tokens)}
      />
      <Stat
        name="Latency, median"
        note={`p95 ${duration(total.p95_duration_ms)}`}
        value={duration(total.p50_duration_ms)}
      />
      <Stat
        name="First token, median"
        note={`p95 ${duration(total.p95_ttft_ms)}`}
        value={duration(total.p50_ttft_ms)}
      />
    </Stats>
  );
}
