/** One model's column: its head with what the last answer took, and the conversation below. */
import { useQuery } from "@tanstack/react-query";
import { memo, startTransition, useEffect, useRef, useState } from "react";
import { Link } from "react-router";
import { modelCardsQuery } from "../api/queries";
import type { ModelCard } from "../api/types";
import { Button } from "../ui/controls";
import { compact, usd } from "../ui/format";
import { Menu } from "../ui/Menu";
import { Notice } from "../ui/telling";
import { AnswerTurn } from "./AnswerTurn";
import { cardOf, useEngine } from "./bench";
import { Metrics, StatusBadge } from "./Metrics";
import { type Column, isRunning, lastRun, MOST_COLUMNS } from "./state";
import { PendingResults, ToolResult } from "./ToolCalls";
import { UserTurn } from "./UserTurn";

interface Props {
  column: Column;
  place: number;
  of: number;
  onSwap: (columnId: string) => void;
}

export const ColumnView = memo(function ColumnView({ column, place, of, onSwap }: Props) {
  const cards = useQuery(modelCardsQuery);
  const card = cardOf(cards.data, column.model);
  const last = column.entries.findLast((entry) => entry.role === "answer");
  return (
    <section aria-label={`Column ${place}: ${card?.name ?? column.model}`} className="column">
      <header className="column-head">
        <div className="row" data-spread>
          <button
            aria-haspopup="dialog"
            className="column-model"
            onClick={() => onSwap(column.id)}
            title="Choose another model; the conversation stays"
            type="button"
          >
            <strong>{card?.name ?? column.model}</strong>
            <span className="faint small">
              {column.model} <span aria-hidden>▾</span>
            </span>
          </button>
          <div className="column-tools">
            <StatusBadge run={lastRun(column)} />
            <ColumnMenu column={column} isFirst={place === 1} isLast={place === of} of={of} />
          </div>
        </div>
        {cards.data !== undefined && card === undefined && (
          <p className="invalid">This hub does not list a model of this name.</p>
        )}
        <Metrics answer={last?.answer ?? null} run={last?.run ?? null} />
      </header>
      {column.entries.length === 0 && card !== undefined && <About card={card} />}
      {column.entries.length > 0 && <Conversation column={column} />}
    </section>
  );
});

/** What is known of a model, where nothing was asked of it yet. */
function About({ card }: { card: ModelCard }) {
  const { input, cached_input, output } = card.prices;
  return (
    <div className="column-about">
      <p>{card.summary}</p>
      {card.banner !== null && <Notice tone="warn">{card.banner}</Notice>}
      <dl className="about-facts">
        <Fact name="Context" value={`${compact(card.context_tokens)} tokens`} />
        <Fact name="Longest answer" value={`${compact(card.max_output_tokens)} tokens`} />
        <Fact name="Takes" value={card.input_modalities.join(", ")} />
        <Fact name="Input, a million tokens" value={usd(input)} />
        <Fact name="Cached input" value={usd(cached_input)} />
        <Fact name="Output" value={usd(output)} />
      </dl>
      <p>
        <Link to={`/models/${card.id}`}>All about {card.name}</Link>
      </p>
    </div>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div className="row" data-spread>
      <dt className="muted">{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

interface MenuProps {
  column: Column;
  isFirst: boolean;
  isLast: boolean;
  of: number;
}

function ColumnMenu({ column, isFirst, isLast, of }: MenuProps) {
  const engine = useEngine();
  const { id: columnId, entries } = column;
  if (isRunning(column)) {
    return (
      <Button onClick={() => engine.stop(columnId)} small>
        Stop
      </Button>
    );
  }
  const first = entries[0];
  const items = [
    entries.length > 0 && { label: "Retry the last answer", onSelect: () => engine.retry(columnId) },
    first && {
      label: "Clear the conversation",
      onSelect: () => engine.dispatch({ type: "cut", columnId, from: first.id }),
    },
    of < MOST_COLUMNS && { label: "Duplicate", onSelect: () => engine.duplicate(columnId) },
    !isFirst && { label: "Move left", onSelect: () => engine.dispatch({ type: "moved", columnId, by: -1 }) },
    !isLast && { label: "Move right", onSelect: () => engine.dispatch({ type: "moved", columnId, by: 1 }) },
    { label: "Remove column", onSelect: () => engine.dispatch({ type: "removed", columnId }) },
  ].filter((item) => typeof item === "object");
  return <Menu items={items} label="⋯" name={`Column of ${column.model}`} />;
}

const DRAWN_AT_ONCE = 20;

/** A conversation that is opened long is drawn from its end, some turns at a time: nothing else waits for it. */
function useFirstDrawn(length: number): number {
  const [first, setFirst] = useState(Math.max(0, length - DRAWN_AT_ONCE));
  useEffect(() => {
    if (first > 0) startTransition(() => setFirst(Math.max(0, first - DRAWN_AT_ONCE)));
  }, [first]);
  return first;
}

const NEAR_PX = 48;

/** Follows what is written until somebody scrolls up, and again when its end is back in view. */
function Conversation({ column }: { column: Column }) {
  const host = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const isFollowing = useRef(true);
  const top = useRef(0);
  useEffect(() => {
    const [outer, inner] = [host.current, content.current];
    if (outer === null || inner === null) return;
    const grown = new ResizeObserver(() => {
      if (isFollowing.current) outer.scrollTop = outer.scrollHeight;
    });
    grown.observe(inner);
    return () => grown.disconnect();
  }, []);
  const length = column.entries.length;
  const first = useFirstDrawn(length);
  useEffect(() => {
    if (length > 0) isFollowing.current = true;
  }, [length]);
  const answers = column.entries.filter((entry) => entry.role === "answer");
  return (
    <div
      className="column-body"
      onScroll={(event) => {
        const { scrollHeight, scrollTop, clientHeight } = event.currentTarget;
        if (scrollHeight - scrollTop - clientHeight < NEAR_PX) isFollowing.current = true;
        else if (scrollTop < top.current) isFollowing.current = false;
        top.current = scrollTop;
      }}
      ref={host}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
    >
      <div className="turns" ref={content}>
        {column.entries.slice(first).map((entry) => {
          if (entry.role === "answer") {
            const { answer, run } = entry;
            const isLast = entry === answers.at(-1);
            return (
              <AnswerTurn answer={answer} columnId={column.id} isLast={isLast} key={entry.id} run={run} />
            );
          }
          const { turn } = entry;
          if (turn.role === "tool") return <ToolResult key={entry.id} name={turn.name} text={turn.text} />;
          return <UserTurn columnId={column.id} entryId={entry.id} key={entry.id} turn={turn} />;
        })}
        <PendingResults column={column} />
      </div>
    </div>
  );
}
