/** What has been picked to be compared, at the foot of the catalogue while anything is. */
import type { ModelCard } from "../api/types";
import { Button, LinkButton } from "../ui/controls";
import { comparePath, MOST_COMPARED, workbenchPath } from "./addresses";

interface Props {
  cards: readonly ModelCard[];
  picked: readonly string[];
  toggle: (id: string) => void;
}

export function CompareBar({ cards, picked, toggle }: Props) {
  if (picked.length === 0) return null;
  const nameOf = (id: string) => cards.find((card) => card.id === id)?.name ?? id;
  return (
    <section aria-label="Picked to compare" className="compare-bar">
      <ul className="row">
        {picked.map((id) => (
          <li key={id}>
            <Button aria-label={`Take out ${nameOf(id)}`} onClick={() => toggle(id)} small>
              {nameOf(id)} ✕
            </Button>
          </li>
        ))}
      </ul>
      <div className="row">
        <span className="small muted">
          {picked.length} of {MOST_COMPARED}
        </span>
        <LinkButton kind="primary" to={comparePath(picked)}>
          Compare
        </LinkButton>
        <LinkButton to={workbenchPath(picked)}>Open in workbench</LinkButton>
      </div>
    </section>
  );
}
