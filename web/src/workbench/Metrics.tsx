/** How the last answer of a column came to be: its state, times, tokens and cost. */
import { compact, count, duration, rate, usd } from "../ui/format";
import { Badge, type Tone } from "../ui/telling";
import type { Answer } from "./answer";
import type { Run, Status } from "./state";

const STATUSES: Readonly<Record<Status, { label: string; tone?: Tone }>> = {
  sending: { label: "Sending", tone: "accent" },
  streaming: { label: "Streaming", tone: "accent" },
  done: { label: "Done", tone: "good" },
  stopped: { label: "Stopped", tone: "warn" },
  failed: { label: "Failed", tone: "bad" },
};

export function StatusBadge({ run }: { run: Run | null }) {
  const { label, tone } = run === null ? { label: "Ready", tone: undefined } : STATUSES[run.status];
  return (
    <>
      <Badge tone={tone}>
        <span role="status">{label}</span>
      </Badge>
      {run?.simulated && <Badge tone="warn">Simulated</Badge>}
    </>
  );
}

const FINISHES: Readonly<Record<string, string>> = {
  stop: "stop",
  length: "length",
  tool_calls: "tools",
  content_filter: "filtered",
  refusal: "refusal",
};

export function Metrics({ answer, run }: { answer: Answer | null; run: Run | null }) {
  const usage = answer?.usage ?? null;
  const finish = answer?.finish ?? null;
  return (
    <dl className="metrics">
      <Metric name="TTFT" title="Time to the first token" value={duration(run?.ttftMs)} />
      <Metric name="Total" title="Time to the end" value={duration(run?.totalMs)} />
      <Metric
        name="Tokens/s"
        title="Output tokens a second, from the first one on"
        value={rate(run?.tokensPerS)}
      />
      <Metric name="In" title="Input tokens" value={tokens(usage?.inputTokens, usage?.estimated)} />
      <Metric name="Cached" title="Input tokens that were cached" value={compact(usage?.cachedTokens)} />
      <Metric
        name="Out"
        title={
          usage?.reasoningTokens
            ? `Output tokens, ${count(usage.reasoningTokens)} of them reasoning`
            : "Output tokens"
        }
        value={tokens(usage?.outputTokens, usage?.estimated)}
      />
      <Metric name="Cost" title="What was charged" value={usd(usage?.costUsd)} />
      <Metric
        name="Finish"
        title="Why it ended"
        value={finish === null ? "–" : (FINISHES[finish] ?? finish)}
      />
    </dl>
  );
}

function tokens(value: number | null | undefined, isEstimated = false): string {
  return value != null && isEstimated ? `≈${count(value)}` : count(value);
}

function Metric({ name, title, value }: { name: string; title: string; value: string }) {
  return (
    <div className="metric" title={title}>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
