import type { ModelCard } from "../api/types";
import type { Selectable } from "./ModelCards";

interface Props extends Omit<Selectable, "cards"> {
  card: ModelCard;
  /** Without the word, where it stands at the head of a column. */
  bare?: boolean;
}

export function Pick({ card, picked, full, toggle, bare = false }: Props) {
  const on = picked.includes(card.id);
  return (
    <label className="check small pick">
      <input checked={on} disabled={full && !on} onChange={() => toggle(card.id)} type="checkbox" />
      <span>
        <span className={bare ? "visually-hidden" : undefined}>Compare</span>
        <span className="visually-hidden"> {card.name}</span>
      </span>
    </label>
  );
}
