/** A modal dialog: focus stays inside, Escape closes it, and focus goes back where it came from. */
import { Dialog as Base } from "@base-ui/react/dialog";
import type { ReactNode, RefObject } from "react";

interface Props {
  title: string;
  open: boolean;
  onClose: () => void;
  wide?: boolean;
  /** What has the focus at first; else the first control. */
  focus?: RefObject<HTMLElement | null>;
  children: ReactNode;
}

export function Dialog({ title, open, onClose, wide, focus, children }: Props) {
  return (
    <Base.Root onOpenChange={(next) => !next && onClose()} open={open}>
      <Base.Portal>
        <Base.Backdrop className="backdrop" />
        <Base.Popup className="dialog" data-wide={wide || undefined} initialFocus={focus}>
          <div className="row" data-spread>
            <Base.Title>{title}</Base.Title>
            <Base.Close aria-label="Close" className="button" data-kind="quiet" data-small>
              ✕
            </Base.Close>
          </div>
          {children}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
