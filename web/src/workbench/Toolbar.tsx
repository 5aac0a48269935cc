/** What can be done with the whole workbench. */
import { Button } from "../ui/controls";
import { Menu } from "../ui/Menu";
import { Segments } from "../ui/Segments";
import type { View } from "./Board";
import { useBench } from "./bench";
import type { Command } from "./shortcuts";
import { MOST_COLUMNS } from "./state";

interface Props {
  view: View;
  onView: (view: View) => void;
  areSettingsShown: boolean;
  onCommand: (command: Command) => void;
}

const VIEWS: readonly { id: View; label: string }[] = [
  { id: "compare", label: "Compare" },
  { id: "api", label: "API" },
];

export function Toolbar({ view, onView, areSettingsShown, onCommand }: Props) {
  const columns = useBench((bench) => bench.columns.length);
  return (
    <div aria-label="Workbench" className="toolbar" role="toolbar">
      <Button aria-pressed={areSettingsShown} onClick={() => onCommand("settings")} small>
        Settings
      </Button>
      <Segments label="View" onChange={onView} options={VIEWS} value={view} />
      <Button disabled={columns >= MOST_COLUMNS} onClick={() => onCommand("add")} small>
        Add model
      </Button>
      <Menu
        items={[
          { label: "New session", onSelect: () => onCommand("new") },
          { label: "History", onSelect: () => onCommand("history") },
          { label: "Keyboard shortcuts", onSelect: () => onCommand("help") },
        ]}
        label="⋯"
        name="More"
      />
    </div>
  );
}
