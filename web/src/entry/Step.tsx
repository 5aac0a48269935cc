/** One step of the guide and whether it is done. */
import type { ReactNode } from "react";
import { Badge } from "../ui/telling";

interface Props {
  title: string;
  done: boolean;
  children: ReactNode;
}

export function Step({ title, done, children }: Props) {
  return (
    <li className="guide-step">
      <div className="row">
        <h2>{title}</h2>
        {done && <Badge tone="good">Done</Badge>}
      </div>
      <div className="stack">{children}</div>
    </li>
  );
}
