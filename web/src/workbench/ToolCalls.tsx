/** The calls of tools in an answer, and the place to type in what the tools return. */
import { memo } from "react";
import { CodeBlock } from "../ui/CodeBlock";
import { Button, Field } from "../ui/controls";
import { Badge } from "../ui/telling";
import { useEngine } from "./bench";
import type { ToolCall } from "./call";
import { type Column, pendingCalls } from "./state";

export const ToolCalls = memo(function ToolCalls({ calls }: { calls: readonly ToolCall[] }) {
  return (
    <ul aria-label="Tool calls" className="calls">
      {calls.map((call) => (
        <li className="tool-call" key={call.id}>
          <div className="row">
            <Badge tone="accent">Tool call</Badge>
            <strong className="mono">{call.name}</strong>
          </div>
          <Arguments text={call.arguments} />
        </li>
      ))}
    </ul>
  );
});

function Arguments({ text }: { text: string }) {
  try {
    return (
      <CodeBlock code={JSON.stringify(JSON.parse(text || "{}"), null, 2)} syntax="json" what="arguments" />
    );
  } catch {
    return (
      <>
        <pre className="written-plain">{text}</pre>
        <span className="faint small">Not JSON, or not yet.</span>
      </>
    );
  }
}

export function ToolResult({ name, text }: { name: string; text: string }) {
  return (
    <article aria-label={`Result of ${name}`} className="turn turn-tool">
      <div className="row">
        <Badge>Tool result</Badge>
        <strong className="mono">{name}</strong>
      </div>
      <pre className="written-plain">{text || <span className="faint">empty</span>}</pre>
    </article>
  );
}

/** One box for each call that waits. A prompt that is sent instead takes the results along as they are. */
export function PendingResults({ column }: { column: Column }) {
  const engine = useEngine();
  const calls = pendingCalls(column);
  if (calls.length === 0) return null;
  return (
    <form
      aria-label="Results of tools"
      className="turn turn-tool"
      onSubmit={(event) => {
        event.preventDefault();
        engine.sendResults(column.id);
      }}
    >
      {calls.map((call) => (
        <Field key={call.id} label={<>Result of {call.name}</>}>
          {(ties) => (
            <textarea
              {...ties}
              className="textarea mono"
              onChange={(event) =>
                engine.dispatch({
                  type: "drafted",
                  columnId: column.id,
                  callId: call.id,
                  text: event.target.value,
                })
              }
              placeholder="What the tool returns, as text or JSON"
              rows={2}
              value={column.results[call.id] ?? ""}
            />
          )}
        </Field>
      ))}
      <div className="row">
        <Button kind="primary" small type="submit">
          Send results
        </Button>
      </div>
    </form>
  );
}
