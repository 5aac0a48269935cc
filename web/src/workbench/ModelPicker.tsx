/** A dialog to choose a model from: search, filters, prices; all of it by keyboard, too. */
import { useQuery } from "@tanstack/react-query";
import { type KeyboardEvent, type RefObject, useEffect, useId, useRef, useState } from "react";
import { modelCardsQuery } from "../api/queries";
import type { ModelCard } from "../api/types";
import { Answered } from "../ui/Answered";
import { Dialog } from "../ui/Dialog";
import { compact, count, usd } from "../ui/format";
import { Badge, Empty } from "../ui/telling";
import { FILTERS, found, type Order } from "./picking";

interface Props {
  title: string;
  /** The model that is chosen now. */
  current?: string | undefined;
  onChoose: (model: string) => void;
  onClose: () => void;
}

export function ModelPicker({ title, current, onChoose, onClose }: Props) {
  const cards = useQuery(modelCardsQuery);
  const field = useRef<HTMLInputElement>(null);
  return (
    <Dialog focus={field} onClose={onClose} open title={title} wide>
      <Answered query={cards}>
        {(data) => <Choice cards={data} current={current} field={field} onChoose={onChoose} />}
      </Answered>
    </Dialog>
  );
}

interface ChoiceProps {
  cards: readonly ModelCard[];
  current: string | undefined;
  field: RefObject<HTMLInputElement | null>;
  onChoose: (model: string) => void;
}

function Choice({ cards, current, field, onChoose }: ChoiceProps) {
  const id = useId();
  const [search, setSearch] = useState("");
  const [filters, setFilters] = useState<ReadonlySet<string>>(new Set());
  const [order, setOrder] = useState<Order>("catalogue");
  const [active, setActive] = useState(0);
  const models = found(cards, search, filters, order);
  const at = Math.min(active, models.length - 1);
  useEffect(() => field.current?.focus(), [field]);
  const toggle = (filter: string) => {
    const next = new Set(filters);
    if (!next.delete(filter)) next.add(filter);
    setFilters(next);
    setActive(0);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + 8, PageUp: at - 8 }[event.key];
    if (to !== undefined) setActive(Math.max(0, Math.min(to, models.length - 1)));
    else if (event.key === "Enter" && models[at]) onChoose(models[at].id);
    else return;
    event.preventDefault();
  };
  return (
    <div className="stack" data-tight>
      <div className="picker-search">
        <input
          aria-activedescendant={models[at] && `${id}-${at}`}
          aria-controls={`${id}-list`}
          aria-expanded
          aria-label="Search models"
          autoComplete="off"
          className="input"
          onChange={(event) => {
            setSearch(event.target.value);
            setActive(0);
          }}
          onKeyDown={onKeyDown}
          placeholder="Search by name, id or maker"
          ref={field}
          role="combobox"
          spellCheck={false}
          type="search"
          value={search}
        />
        <select
          aria-label="Order"
          className="select"
          onChange={(event) => setOrder(event.target.value as Order)}
          value={order}
        >
          <option value="catalogue">In catalogue order</option>
          <option value="price">Cheapest first</option>
          <option value="context">Largest context first</option>
          <option value="newest">Newest first</option>
        </select>
      </div>
      <fieldset aria-label="Filters" className="pills">
        {FILTERS.map(({ id: filter, label }) => (
          <label key={filter}>
            <input
              checked={filters.has(filter)}
              className="visually-hidden"
              onChange={() => toggle(filter)}
              type="checkbox"
            />
            {label}
          </label>
        ))}
      </fieldset>
      <p className="faint small" role="status">
        {count(models.length)} {models.length === 1 ? "model" : "models"}; prices in dollars for a million
        tokens
      </p>
      {models.length === 0 && <Empty title="No model fits.">Take away a word or a filter.</Empty>}
      <div aria-label="Models" className="picker-list" id={`${id}-list`} role="listbox">
        {models.map((card, index) => (
          <Option
            card={card}
            id={`${id}-${index}`}
            isActive={index === at}
            isCurrent={card.id === current}
            key={card.id}
            onChoose={onChoose}
          />
        ))}
      </div>
    </div>
  );
}

interface OptionProps {
  card: ModelCard;
  id: string;
  isActive: boolean;
  isCurrent: boolean;
  onChoose: (model: string) => void;
}

function Option({ card, id, isActive, isCurrent, onChoose }: OptionProps) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (isActive) place.current?.scrollIntoView({ block: "nearest" });
  }, [isActive]);
  const { input, output } = card.prices;
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: see the list
    // biome-ignore lint/a11y/useKeyWithClickEvents: the search field takes the keys
    <div
      aria-selected={isActive}
      className="picker-option"
      data-active={isActive || undefined}
      id={id}
      onClick={() => onChoose(card.id)}
      ref={place}
      role="option"
    >
      <span className="picker-name">
        <strong>{card.name}</strong>
        <span className="faint small mono">{card.id}</span>
      </span>
      <span className="picker-marks">
        {isCurrent && <Badge tone="accent">Chosen</Badge>}
        {card.sandbox && <Badge>Sandbox</Badge>}
        {card.lifecycle.status !== "active" && <Badge tone="warn">{card.lifecycle.status}</Badge>}
        {!card.callable && <Badge>Test mode only</Badge>}
      </span>
      <span className="picker-figures small">
        <span>{compact(card.context_tokens)} context</span>
        <span>
          {input === null && output === null ? "price unknown" : `${usd(input)} in, ${usd(output)} out`}
        </span>
      </span>
    </div>
  );
}
