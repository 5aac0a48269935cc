/** Where the prompt is written that goes to all columns at once, with what it would cost. */
import { useQuery } from "@tanstack/react-query";
import {
  type KeyboardEvent,
  type Ref,
  useDeferredValue,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
} from "react";
import { modelCardsQuery } from "../api/queries";
import type { ModelCard } from "../api/types";
import { Button } from "../ui/controls";
import { Menu } from "../ui/Menu";
import { writePlace } from "./address";
import { cardOf, useBench, useEngine, useModels } from "./bench";
import type { Attachment } from "./call";
import { Attachments, useAttachments } from "./editors/Attachments";
import { EstimateLine } from "./editors/EstimateLine";
import { isRunning, nextTurns } from "./state";

export interface ComposerHandle {
  focus: () => void;
}

const SUGGESTED = 4;

export function Composer({ ref }: { ref: Ref<ComposerHandle> }) {
  const engine = useEngine();
  const field = useRef<HTMLTextAreaElement>(null);
  const { text, files } = useBench((bench) => bench.draft);
  const setText = (next: string) => engine.dispatch({ type: "written", draft: { text: next } });
  const setFiles = (next: readonly Attachment[]) =>
    engine.dispatch({ type: "written", draft: { files: next } });
  const cards = useQuery(modelCardsQuery).data;
  const models = useModels();
  const running = useBench((bench) => bench.columns.filter(isRunning).length);
  const isNew = useBench((bench) => bench.columns.every((column) => column.entries.length === 0));
  const known = models.flatMap((model) => cardOf(cards, model) ?? []);
  const accepts = acceptedByAll(known);
  const attaching = useAttachments(files, accepts, setFiles);
  const isReady = models.length > 0 && running === 0 && (text.trim() !== "" || files.length > 0);
  useLayoutEffect(() => grow(field.current, text), [text]);

  useImperativeHandle(ref, () => ({ focus: () => field.current?.focus() }));
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey || event.altKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    engine.send();
  };
  return (
    <section
      aria-label="Prompt"
      className="composer"
      data-dragging={attaching.dragging || undefined}
      {...attaching.handlers}
    >
      {isNew && text === "" && (
        <Suggestions
          cards={known}
          onChoose={(prompt) => {
            setText(prompt);
            field.current?.focus();
          }}
        />
      )}
      <div className="composer-box">
        <textarea
          aria-label="Prompt for all models"
          className="composer-text"
          onChange={(event) => setText(event.target.value)}
          onKeyDown={onKeyDown}
          placeholder="Ask all models at once"
          ref={field}
          rows={1}
          value={text}
        />
        <div className="composer-foot">
          <Attachments accepts={accepts} attaching={attaching} items={files} onChange={setFiles} />
          <LinkMenu />
          {running > 0 ? (
            <Button kind="danger" onClick={() => engine.stop()}>
              Stop{running > 1 && " all"}
            </Button>
          ) : (
            <Button disabled={!isReady} kind="primary" onClick={engine.send}>
              Send
            </Button>
          )}
        </div>
      </div>
      {running === 0 && <Estimate />}
    </section>
  );
}

/** Longer texts fill the field for sure, and measuring them takes long. */
const MEASURED = 10_000;

/** As tall as what is written, within bounds that the style sheet sets. */
function grow(field: HTMLTextAreaElement | null, text: string): void {
  if (field === null) return;
  field.style.height = "auto";
  if (text.length > MEASURED) field.style.height = "30dvh";
  else if (text !== "") field.style.height = `${field.scrollHeight}px`;
}

function acceptedByAll(cards: readonly ModelCard[]): readonly string[] {
  const [first, ...others] = cards;
  return (first?.input_modalities ?? []).filter((each) =>
    others.every((card) => card.input_modalities.includes(each)),
  );
}

function Suggestions({
  cards,
  onChoose,
}: {
  cards: readonly ModelCard[];
  onChoose: (prompt: string) => void;
}) {
  const prompts = [...new Set(cards.flatMap((card) => card.suggested_prompts))].slice(0, SUGGESTED);
  if (prompts.length === 0) return null;
  return (
    <ul aria-label="Suggested prompts" className="suggestions">
      {prompts.map((prompt) => (
        <li key={prompt}>
          <button className="suggestion" onClick={() => onChoose(prompt)} title={prompt} type="button">
            {prompt}
          </button>
        </li>
      ))}
    </ul>
  );
}

/** Told only while nothing runs: what is sent next is not known before. */
function Estimate() {
  const engine = useEngine();
  const bench = useDeferredValue(useBench((all) => all));
  const calls = bench.columns.flatMap((column) => {
    const turns = nextTurns(column, bench.draft);
    return turns === null ? [] : [{ ...engine.shape(column, turns), model: column.model }];
  });
  return <EstimateLine calls={calls} />;
}

function LinkMenu() {
  const engine = useEngine();
  const copy = (isWithPrompt: boolean) => {
    const { settings, columns, draft } = engine.state();
    const { system, protocol, parameters } = settings;
    const models = columns.map((column) => column.model);
    const words = isWithPrompt ? { prompt: draft.text, system } : {};
    const search = writePlace({ models, protocol, parameters, ...words });
    void navigator.clipboard.writeText(`${location.origin}/workbench${search}`);
  };
  return (
    <Menu
      items={[
        { label: "Copy link to these models and parameters", onSelect: () => copy(false) },
        { label: "Copy link with prompt and system prompt", onSelect: () => copy(true) },
      ]}
      label="Copy link"
    />
  );
}
