/** A button that opens a menu of things to do or places to go. */
import { Menu as Base } from "@base-ui/react/menu";
import type { ReactNode } from "react";
import { Link } from "react-router";

interface Item {
  label: ReactNode;
  to?: string;
  onSelect?: () => void;
}

export function Menu({ label, name, items }: { label: ReactNode; name?: string; items: readonly Item[] }) {
  return (
    <Base.Root>
      <Base.Trigger aria-label={name} className="button" data-kind="quiet">
        {label}
      </Base.Trigger>
      <Base.Portal>
        <Base.Positioner align="end" sideOffset={4}>
          <Base.Popup className="menu">
            {items.map((item, index) => (
              <Base.Item
                className="menu-item"
                // biome-ignore lint/suspicious/noArrayIndexKey: a menu's items do not change places
                key={index}
                {...(item.onSelect && { onClick: item.onSelect })}
                {...(item.to && { render: <Link to={item.to} /> })}
              >
                {item.label}
              </Base.Item>
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
