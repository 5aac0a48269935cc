/**
 * The running workbench: its state, and the calls that change it. What streams bring is gathered and shown frame by frame,
 * however many columns there are.
 */

import { NO_ANSWER } from "./answer";
import type { Call, Turn } from "./call";
import { gathered } from "./frames";
import type { Shaped } from "./protocols/request";
import type { Delta } from "./protocols/stream";
import { DIALECTS } from "./protocols/table";
import { type Ending, rawOf, run, tokensPerS } from "./run";
import {
  type Action,
  type Asked,
  type Bench,
  type Column,
  callOf,
  type Entry,
  isRunning,
  NO_DRAFT,
  newAnswer,
  newColumn,
  newId,
  type Run,
  reduce,
  resultsOf,
  said,
  turnsOf,
} from "./state";

/** What is known of a model beyond its name. */
export interface Traits extends Pick<Call, "thinks" | "maxOutputTokens"> {
  /** Names of the parameters that it takes. */
  takes?: readonly string[];
}

export interface Engine {
  state: () => Bench;
  subscribe: (listener: () => void) => () => void;
  dispatch: (action: Action) => void;
  /** What goes over the wire when a column sends these turns. */
  shape: (column: Column, turns: readonly Turn[]) => Shaped;
  /** Asks all columns at once what is written, if there is a key to do it with. */
  send: () => void;
  /** Asks a column with the results that were typed in. */
  sendResults: (columnId: string) => void;
  /** Asks a column anew from an earlier turn on, which is replaced; what followed it goes. */
  edit: (columnId: string, entryId: string, text: string) => void;
  /** Asks a column for its last answer again. */
  retry: (columnId: string) => void;
  duplicate: (columnId: string) => void;
  /** Without an id all columns. */
  stop: (columnId?: string) => void;
}

interface Ways {
  token: () => string | null;
  traits: (model: string) => Traits;
  /** Something was asked, or the last answer has ended. */
  onSave: () => void;
  /** Somebody sends, and there is no key. */
  onKeyless: () => void;
}

export function engine(first: Bench, ways: Ways): Engine {
  let bench = first;
  const listeners = new Set<() => void>();
  const aborts = new Map<string, AbortController>();

  const dispatch = (action: Action) => {
    if (action.type === "removed" || action.type === "cut") stop(action.columnId);
    if (action.type === "opened") stop();
    bench = reduce(bench, action);
    for (const listener of listeners) listener();
  };
  const frames = gathered((runs) => dispatch({ type: "told", runs }));

  const columnOf = (id: string) => bench.columns.find((column) => column.id === id);

  const stop = (columnId?: string) => {
    const ids = columnId === undefined ? [...aborts.keys()] : [columnId];
    for (const id of ids) aborts.get(id)?.abort();
  };

  /** Parameters that the model does not take are left out: another column's model may. */
  const shape = (column: Column, turns: readonly Turn[]): Shaped => {
    const { takes, ...traits } = ways.traits(column.model);
    const call = { ...callOf(bench.settings, column, turns), ...traits };
    const set = Object.entries(call.parameters).filter(([, value]) => value != null);
    const [taken, foreign] = [true, false].map((is) =>
      set.filter(([name]) => (takes?.includes(name) ?? true) === is),
    );
    const shaped = DIALECTS[call.protocol].request({ ...call, parameters: Object.fromEntries(taken ?? []) });
    return { ...shaped, dropped: [...shaped.dropped, ...(foreign ?? []).map(([name]) => name)] };
  };

  const ask = (column: Column, turns: readonly Asked[]) => {
    const token = ways.token();
    if (token === null) return ways.onKeyless();
    const asked = turns.map((turn): Entry => ({ id: newId(), role: "asked", turn }));
    const { protocol, format } = bench.settings;
    const shaped = shape(column, [...turnsOf(column.entries), ...turns]);
    const raw = rawOf(shaped);
    const started: Run = {
      status: "sending",
      model: column.model,
      protocol,
      format,
      startedAtMs: Date.now(),
      ttftMs: null,
      totalMs: null,
      tokensPerS: null,
      simulated: false,
      dropped: shaped.dropped,
      error: null,
      raw,
    };
    const entry = newAnswer(started);
    const abort = new AbortController();
    aborts.set(column.id, abort);
    dispatch({ type: "asked", columnId: column.id, entries: [...asked, entry] });
    ways.onSave();
    const onHead = (response: Response) => {
      const dropped = response.headers.get("x-entrepot-dropped")?.split(/,\s*/) ?? [];
      frames.tell(entry.id, [], {
        ...(response.ok && { status: "streaming" }),
        simulated: response.headers.get("x-entrepot-mode") === "test",
        dropped: [...shaped.dropped, ...dropped],
      });
    };
    const onDeltas = (deltas: readonly Delta[]) => frames.tell(entry.id, deltas, {});
    void run(raw, token, DIALECTS[protocol].reader(), abort.signal, { onHead, onDeltas }).then((ending) => {
      if (aborts.get(column.id) === abort) aborts.delete(column.id);
      frames.flush();
      dispatch({
        type: "told",
        runs: new Map([[entry.id, { deltas: [], run: measured(ending, entry.id) }]]),
      });
      if (aborts.size === 0) ways.onSave();
    });
  };

  const measured = (ending: Ending, entryId: string): Partial<Run> => {
    const entries = bench.columns.flatMap((column) => column.entries);
    const entry = entries.find((each) => each.id === entryId);
    const { usage, reasoning } = entry?.role === "answer" ? entry.answer : NO_ANSWER;
    return { ...ending, tokensPerS: tokensPerS(ending, usage, reasoning !== "") };
  };

  return {
    state: () => bench,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    dispatch,
    stop,
    shape,
    send: () => {
      if (ways.token() === null) return ways.onKeyless();
      const prompt = said(bench.draft);
      const isAnyRunning = bench.columns.some(isRunning);
      if (prompt.length === 0 || isAnyRunning || bench.columns.length === 0) return;
      for (const column of bench.columns) ask(column, [...resultsOf(column), ...prompt]);
      dispatch({ type: "written", draft: NO_DRAFT });
    },
    sendResults: (columnId) => {
      const column = columnOf(columnId);
      if (column !== undefined && !isRunning(column)) ask(column, resultsOf(column));
    },
    edit: (columnId, entryId, text) => {
      if (ways.token() === null) return ways.onKeyless();
      const old = columnOf(columnId)?.entries.find((entry) => entry.id === entryId);
      if (old?.role !== "asked") return;
      dispatch({ type: "cut", columnId, from: entryId });
      const column = columnOf(columnId);
      if (column !== undefined) ask(column, [{ ...old.turn, text }]);
    },
    retry: (columnId) => {
      if (ways.token() === null) return ways.onKeyless();
      const last = columnOf(columnId)?.entries.findLast((entry) => entry.role === "answer");
      if (last === undefined) return;
      dispatch({ type: "cut", columnId, from: last.id });
      const column = columnOf(columnId);
      if (column !== undefined) ask(column, []);
    },
    duplicate: (columnId) => {
      const column = columnOf(columnId);
      if (column === undefined) return;
      const entries = isRunning(column) ? column.entries.slice(0, -1) : column.entries;
      const copies = entries.map((entry) => ({ ...entry, id: newId() }));
      dispatch({ type: "added", column: newColumn(column.model, copies), after: columnId });
    },
  };
}
