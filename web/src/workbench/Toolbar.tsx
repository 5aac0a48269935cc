/** What can be done with the whole workbench. */
import { Button } from "../ui/controls";
import { Menu } from "../ui/Menu";
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

const VIEWS: readonly { view: View; label: string }[] = [
  { view: "compare", label: "Compare" },
  { view: "api", label: "API" },
];

export function Toolbar({ view, onView, areSettingsShown, onCommand }: Props) {
  const columns = useBench((bench) => bench.columns.length);
  return (
    <div aria-label="Workbench" className="toolbar" role="toolbar">
      <Button aria-pressed={areSettingsShown} onClick={() => onCommand("settings")} small>
        Settings
      </Button>
      <fieldset aria-label="View" className="segments">
        {VIEWS.map(({ view: each, label }) => (
          <label className="segment" key={each}>
            <input
              checked={each === view}
              className="visually-hidden"
              name="view"
              onChange={() => onView(each)}
              type="radio"
            />
            {label}
          </label>
        ))}
      </fieldset>
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
