import type { ModelCard } from "../api/types";
import type { Selectable } from "./ModelCards";

interface Props extends Omit<Selectable, "cards"> {
  card: ModelCard;
}

export function Pick({ card, picked, full, toggle }: Props) {
  const on = picked.includes(card.id);
  return (
    <label className="check small pick">
      <input checked={on} disabled={full && !on} onChange={() => toggle(card.id)} type="checkbox" />
      <span>
        Compare<span className="visually-hidden"> {card.name}</span>
      </span>
    </label>
  );
}
