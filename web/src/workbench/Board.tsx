/** The parts of the workbench and where they stand: settings beside the columns, the prompt below them. */
import { useEffect, useRef, useState } from "react";
import { useCallKey } from "../keys";
import { Button } from "../ui/controls";
import { Dialog } from "../ui/Dialog";
import { useBench, useEngine } from "./bench";
import { Code, Columns } from "./Columns";
import { Composer, type ComposerHandle } from "./Composer";
import { KeyPicker } from "./editors/KeyPicker";
import { HistoryDialog } from "./HistoryDialog";
import { ModelPicker } from "./ModelPicker";
import { SettingsPanel } from "./SettingsPanel";
import { ShortcutsDialog } from "./ShortcutsDialog";
import { type Command, useShortcuts } from "./shortcuts";
import { MOST_COLUMNS, newBench, newColumn } from "./state";
import { Toolbar } from "./Toolbar";
import { useWide } from "./wide";

interface Props {
  isKeyAsked: boolean;
  onAskKey: (asked: boolean) => void;
}

export type View = "compare" | "api";

/** What is chosen in a picker: a further column, or another model for one. */
type Picking = { columnId: string | null } | null;

export function Board({ isKeyAsked, onAskKey }: Props) {
  const engine = useEngine();
  const composer = useRef<ComposerHandle>(null);
  const isWide = useWide();
  const [view, setView] = useState<View>("compare");
  const [areSettingsShown, showSettings] = useState(isWide);
  const [picking, setPicking] = useState<Picking>(null);
  const [dialog, setDialog] = useState<"history" | "help" | null>(null);
  const models = useBench((bench) => bench.columns.length);

  const act = (command: Command) => {
    if (command === "send") engine.send();
    else if (command === "stop") engine.stop();
    else if (command === "focus") composer.current?.focus();
    else if (command === "settings") showSettings(!areSettingsShown);
    else if (command === "code") setView(view === "api" ? "compare" : "api");
    else if (command === "new") renew();
    else if (command === "add") models < MOST_COLUMNS && setPicking({ columnId: null });
    else setDialog(command);
  };
  useShortcuts(act);

  /** The same models and settings, and nothing said. */
  const renew = () => {
    const { columns, settings } = engine.state();
    const chosen = columns.map((column) => column.model);
    engine.dispatch({ type: "opened", bench: newBench(chosen, settings) });
    composer.current?.focus();
  };
  const choose = (model: string) => {
    if (picking?.columnId) engine.dispatch({ type: "swapped", columnId: picking.columnId, model });
    else engine.dispatch({ type: "added", column: newColumn(model) });
    setPicking(null);
  };
  return (
    <div className="workbench" data-settings={(isWide && areSettingsShown) || undefined}>
      <h1 className="visually-hidden">Workbench</h1>
      <Toolbar areSettingsShown={areSettingsShown} onCommand={act} onView={setView} view={view} />
      <KeyBar isAsked={isKeyAsked} onAsk={onAskKey} />
      {isWide && areSettingsShown && (
        <aside aria-label="Settings" className="workbench-settings">
          <SettingsPanel />
        </aside>
      )}
      <div className="workbench-main">
        {view === "compare" ? <Columns onPick={(columnId) => setPicking({ columnId })} /> : <Code />}
      </div>
      <Composer ref={composer} />
      <Dialog onClose={() => showSettings(false)} open={!isWide && areSettingsShown} title="Settings">
        <SettingsPanel />
      </Dialog>
      {picking !== null && (
        <ModelPicker
          current={engine.state().columns.find(({ id }) => id === picking.columnId)?.model}
          onChoose={choose}
          onClose={() => setPicking(null)}
          title={picking.columnId === null ? "Add a model" : "Choose another model"}
        />
      )}
      {dialog === "help" && <ShortcutsDialog onClose={() => setDialog(null)} />}
      {dialog === "history" && (
        <HistoryDialog
          onClose={() => setDialog(null)}
          onOpen={(bench) => engine.dispatch({ type: "opened", bench })}
        />
      )}
    </div>
  );
}

interface KeyProps {
  isAsked: boolean;
  onAsk: (asked: boolean) => void;
}

/** Which key calls; without one, the way to one. */
function KeyBar({ isAsked, onAsk }: KeyProps) {
  const key = useCallKey();
  useEffect(() => {
    if (key !== null) onAsk(false);
  }, [key, onAsk]);
  return (
    <div className="workbench-key">
      {key !== null ? (
        <KeyPicker />
      ) : (
        <div className="notice row" data-spread data-tone="warn" role="note">
          <span>No key yet. Models are called with one, in test mode or live.</span>
          <Button kind="primary" onClick={() => onAsk(true)} small>
            Choose a key
          </Button>
        </div>
      )}
      <Dialog
        onClose={() => onAsk(false)}
        open={isAsked && key === null}
        title="A key is needed to call models"
      >
        <KeyPicker />
      </Dialog>
    </div>
  );
}
