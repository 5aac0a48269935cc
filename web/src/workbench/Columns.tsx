/** The columns side by side, or the code of their calls. */
import { Button, LinkButton } from "../ui/controls";
import { Empty } from "../ui/telling";
import { useBench, useEngine } from "./bench";
import { ColumnView } from "./ColumnView";
import { CodePanel } from "./editors/CodePanel";
import { isRunning } from "./state";

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
    <div className="columns" data-count={columns.length}>
      {columns.map((column, index) => (
        <ColumnView column={column} key={column.id} of={columns.length} onSwap={onPick} place={index + 1} />
      ))}
    </div>
  );
}

/** The calls as they would be sent next, or, right after an answer, as they were sent. */
export function Code() {
  const engine = useEngine();
  const columns = useBench((bench) => (bench.columns.some(isRunning) ? null : bench.columns));
  useBench((bench) => bench.settings);
  const shown = columns ?? engine.state().columns;
  return (
    <div className="workbench-code">
      <CodePanel calls={shown.map((column) => ({ ...engine.shaped(column, "", []), model: column.model }))} />
    </div>
  );
}
