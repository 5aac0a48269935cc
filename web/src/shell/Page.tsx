/** A page's head and body. Its title is the window's title too. */
import type { ReactNode } from "react";

interface Props {
  title: string;
  /** Stands in place of the title where that needs more than text. */
  heading?: ReactNode;
  actions?: ReactNode;
  /** As wide as the window. */
  full?: boolean;
  children: ReactNode;
}

export function Page({ title, heading, actions, full, children }: Props) {
  return (
    <div className="page" data-full={full || undefined}>
      <title>{`${title} · Entrepôt`}</title>
      <div className="head">
        {heading ?? <h1>{title}</h1>}
        {actions && <div className="row">{actions}</div>}
      </div>
      {children}
    </div>
  );
}
