/** The columns side by side, or the code of their calls. */
import { Button, LinkButton } from "../ui/controls";
import { Empty } from "../ui/telling";
import { useBench, useEngine } from "./bench";
import { ColumnView } from "./ColumnView";
import type { Turn } from "./call";
import { CodePanel } from "./editors/CodePanel";
import { isRunning, nextTurns, sentTurns } from "./state";

/** `onPick` is given the column for which another model is wanted, or null for a further one. */
export function Columns({ onPick }: { onPick: (columnId: string | null) => void }) {
  const columns = useBench((bench) => bench.columns);
  if (columns.length === 0) {
    return (
      <Empty title="No model is chosen.">
        <div className="row">
          <Button kind="primary" onClick={() => onPick(null)}>
            Choose a model
          </Button>
          <LinkButton to="/models">See all models</LinkButton>
        </div>
      </Empty>
    );
  }
  return (
    <div className="board" data-count={columns.length}>
      {columns.map((column, index) => (
        <ColumnView column={column} key={column.id} of={columns.length} onSwap={onPick} place={index + 1} />
      ))}
    </div>
  );
}

/** The call that is written, else the one that was sent last, with the settings as they are now. */
export function Code() {
  const engine = useEngine();
  const bench = useBench((all) => (all.columns.some(isRunning) ? null : all)) ?? engine.state();
  const turns = bench.columns.map((column) => nextTurns(column, bench.draft) ?? sentTurns(column));
  const calls = bench.columns.map((column, index) => ({
    ...engine.shape(column, turns[index] ?? EXAMPLE),
    model: column.model,
  }));
  return (
    <div className="workbench-code stack">
      {turns.includes(null) && <p className="small muted">With an example prompt, as none is written yet.</p>}
      <CodePanel calls={calls} />
    </div>
  );
}

const EXAMPLE: readonly Turn[] = [{ role: "user", text: "Say hello", attachments: [] }];
