import { Dialog } from "../ui/Dialog";
import { SHORTCUTS } from "./shortcuts";

export function ShortcutsDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog onClose={onClose} open title="Keyboard shortcuts">
      <dl className="shortcuts">
        {SHORTCUTS.map(({ keys, what }) => (
          <div className="row" data-spread key={what}>
            <dt>{what}</dt>
            <dd>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
      <p className="small muted">On a Mac, Ctrl is ⌘ and Alt is ⌥.</p>
    </Dialog>
  );
}
