/** Limits and budgets that are set, each with how much of it is left. */
import type { Bound, Bounds } from "../../api/types";
import { count, usd } from "../../ui/format";
import { BUDGETS, LIMITS } from "./bounds";

interface Props {
  bounds: Bounds;
  standing: Readonly<Record<string, Bound>>;
}

export function Standing({ bounds, standing }: Props) {
  const set = [
    ...LIMITS.map(({ name, label }) => ({ name, label, bound: bounds.limits[name], write: count as Write })),
    ...BUDGETS.map(({ name, label }) => ({ name, label, bound: bounds.budget[name], write: usd as Write })),
  ].filter(({ bound }) => bound !== null);
  if (set.length === 0) return <span className="faint">no limit</span>;
  return (
    <ul className="standing">
      {set.map(({ name, label, bound, write }) => (
        <li key={name}>
          <span>{label}</span>
          <span>
            {left(standing[name], write)}
            {write(bound)}
          </span>
        </li>
      ))}
    </ul>
  );
}

type Write = (value: number | string | null | undefined) => string;

function left(bound: Bound | undefined, write: Write): string {
  return bound === undefined ? "" : `${write(bound.left)} left of `;
}
