import type { LogDetail } from "../../api/types";
import { duration, rate } from "../../ui/format";
import { speed } from "./speed";

/** Where the time of a call went: a bar for waiting, one for the answer. */
export function Timing({ log }: { log: LogDetail }) {
  const { ttft_ms: ttft, duration_ms: whole } = log;
  const share = (ms: number) => `${whole === 0 ? 0 : Math.min(100, (ms / whole) * 100)}%`;
  const spans =
    ttft === null
      ? [
          {
            name: log.outcome === "failed" ? "Until it failed" : "Whole answer",
            from: 0,
            ms: whole,
            kind: "answer",
          },
        ]
      : [
          { name: "To the first token", from: 0, ms: ttft, kind: "wait" },
          { name: "Answer", from: ttft, ms: whole - ttft, kind: "answer" },
        ];
  return (
    <section className="stack" data-tight>
      <h2>Time</h2>
      <ol className="waterfall">
        {spans.map(({ name, from, ms, kind }) => (
          <li key={name}>
            <span>{name}</span>
            <span className="waterfall-track">
              <span data-kind={kind} style={{ marginLeft: share(from), width: share(ms) }} />
            </span>
            <span className="number">{duration(ms)}</span>
          </li>
        ))}
      </ol>
      <p className="muted small">
        {duration(whole)} in all
        {speed(log) !== null && `, ${rate(speed(log))} tokens/s while answering`}
        {log.attempts > 1 && `. The time of all ${log.attempts} attempts is in it`}.
      </p>
    </section>
  );
}
