/** Tabs by name. Panels that are not shown are not there. */
import { Tabs as Base } from "@base-ui/react/tabs";
import type { ReactNode } from "react";

interface Tab {
  id: string;
  label: ReactNode;
  content: ReactNode;
}

interface Props {
  label: string;
  tabs: readonly Tab[];
  value?: string;
  onChange?: (id: string) => void;
}

export function Tabs({ label, tabs, value, onChange }: Props) {
  const chosen = value === undefined ? { defaultValue: tabs[0]?.id ?? null } : { value };
  return (
    <Base.Root className="stack" onValueChange={(next) => onChange?.(String(next))} {...chosen}>
      <Base.List aria-label={label} className="tabs">
        {tabs.map(({ id, label }) => (
          <Base.Tab className="tab" key={id} value={id}>
            {label}
          </Base.Tab>
        ))}
      </Base.List>
      {tabs.map(({ id, content }) => (
        <Base.Panel key={id} value={id}>
          {content}
        </Base.Panel>
      ))}
    </Base.Root>
  );
}
