/** What stands on the workbench: columns with their conversations, and what they are asked with. No effects here. */
import { type Answer, grow, NO_ANSWER } from "./answer";
import type { Attachment, Call, Protocol, ResponseFormat, Tool, ToolChoice, Turn } from "./call";
import type { Delta } from "./protocols/stream";
import type { Raw } from "./run";

export const MOST_COLUMNS = 6;

export interface Settings {
  system: string;
  protocol: Protocol;
  parameters: Readonly<Record<string, unknown>>;
  tools: readonly Tool[];
  toolChoice: ToolChoice | null;
  format: ResponseFormat;
}

export type Status = "sending" | "streaming" | "done" | "stopped" | "failed";

/** How one answer came to be. */
export interface Run {
  status: Status;
  model: string;
  protocol: Protocol;
  format: ResponseFormat;
  startedAtMs: number;
  ttftMs: number | null;
  totalMs: number | null;
  tokensPerS: number | null;
  /** The hub said that the answer is the sandbox's. */
  simulated: boolean;
  /** What was set and not sent, by the protocol's or the hub's doing. */
  dropped: readonly string[];
  error: Error | null;
  /** What went over the wire; null once it is no longer kept. */
  raw: Raw | null;
}

export type Asked = Exclude<Turn, { role: "assistant" }>;

export type Entry =
  | { id: string; role: "asked"; turn: Asked }
  | { id: string; role: "answer"; answer: Answer; run: Run };

export interface Column {
  id: string;
  model: string;
  entries: readonly Entry[];
  /** Results typed in for the calls of the last answer, by the call's id. */
  results: Readonly<Record<string, string>>;
}

/** The prompt that is being written. */
interface Draft {
  text: string;
  files: readonly Attachment[];
}

export interface Bench {
  sessionId: string;
  settings: Settings;
  draft: Draft;
  columns: readonly Column[];
}

export const NO_DRAFT: Draft = { text: "", files: [] };

const SETTINGS: Settings = {
  system: "",
  protocol: "chat",
  parameters: {},
  tools: [],
  toolChoice: null,
  format: { type: "text" },
};

export type Action =
  | { type: "opened"; bench: Bench }
  | { type: "set"; settings: Partial<Settings> }
  | { type: "written"; draft: Partial<Draft> }
  | { type: "added"; column: Column; after?: string }
  | { type: "removed"; columnId: string }
  | { type: "moved"; columnId: string; by: -1 | 1 }
  | { type: "swapped"; columnId: string; model: string }
  | { type: "drafted"; columnId: string; callId: string; text: string }
  /** Everything behind the entry goes; the entry itself too. */
  | { type: "cut"; columnId: string; from: string }
  | { type: "asked"; columnId: string; entries: readonly Entry[] }
  | { type: "told"; runs: ReadonlyMap<string, Progress> };

/** What has come of one answer since the last time. */
export interface Progress {
  deltas: readonly Delta[];
  run: Partial<Run>;
}

/** Raw exchanges of a column that are kept; older ones go. */
const RAW_KEPT = 20;

export function reduce(bench: Bench, action: Action): Bench {
  switch (action.type) {
    case "opened":
      return action.bench;
    case "set":
      return { ...bench, settings: { ...bench.settings, ...action.settings } };
    case "written":
      return { ...bench, draft: { ...bench.draft, ...action.draft } };
    case "added":
      return { ...bench, columns: inserted(bench.columns, action.column, action.after) };
    case "removed":
      return { ...bench, columns: bench.columns.filter(({ id }) => id !== action.columnId) };
    case "moved":
      return { ...bench, columns: moved(bench.columns, action.columnId, action.by) };
    case "swapped":
      return change(bench, action.columnId, (column) => ({ ...column, model: action.model }));
    case "drafted":
      return change(bench, action.columnId, (column) => ({
        ...column,
        results: { ...column.results, [action.callId]: action.text },
      }));
    case "cut":
      return change(bench, action.columnId, (column) => ({
        ...column,
        entries: before(column.entries, action.from),
      }));
    case "asked":
      return change(bench, action.columnId, (column) => ({
        ...column,
        entries: withoutOldRaw([...column.entries, ...action.entries]),
        results: {},
      }));
    case "told":
      return { ...bench, columns: bench.columns.map((column) => told(column, action.runs)) };
  }
}

function change(bench: Bench, columnId: string, by: (column: Column) => Column): Bench {
  return { ...bench, columns: bench.columns.map((each) => (each.id === columnId ? by(each) : each)) };
}

function inserted(columns: readonly Column[], column: Column, after?: string): readonly Column[] {
  if (columns.length >= MOST_COLUMNS) return columns;
  const at = columns.findIndex(({ id }) => id === after);
  return at < 0 ? [...columns, column] : columns.toSpliced(at + 1, 0, column);
}

function moved(columns: readonly Column[], columnId: string, by: number): readonly Column[] {
  const from = columns.findIndex(({ id }) => id === columnId);
  const column = columns[from];
  const to = from + by;
  if (column === undefined || to < 0 || to >= columns.length) return columns;
  return columns.toSpliced(from, 1).toSpliced(to, 0, column);
}

function before(entries: readonly Entry[], id: string): readonly Entry[] {
  const at = entries.findIndex((entry) => entry.id === id);
  return at < 0 ? entries : entries.slice(0, at);
}

/** Columns of which nothing was told stay the same object, so that they are not drawn again. */
function told(column: Column, runs: ReadonlyMap<string, Progress>): Column {
  if (!column.entries.some(({ id }) => runs.has(id))) return column;
  const entries = column.entries.map((entry) => {
    const progress = runs.get(entry.id);
    if (progress === undefined || entry.role !== "answer") return entry;
    return { ...entry, answer: grow(entry.answer, progress.deltas), run: { ...entry.run, ...progress.run } };
  });
  return { ...column, entries };
}

function withoutOldRaw(entries: readonly Entry[]): readonly Entry[] {
  let kept = 0;
  return entries
    .toReversed()
    .map((entry) => {
      if (entry.role !== "answer" || entry.run.raw === null) return entry;
      kept += 1;
      return kept > RAW_KEPT ? { ...entry, run: { ...entry.run, raw: null } } : entry;
    })
    .toReversed();
}

let count = 0;

/** Unlike `crypto.randomUUID` it is there also where the hub is reached without TLS. */
export function newId(): string {
  count += 1;
  return `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 8)}-${count}`;
}

export function newColumn(model: string, entries: readonly Entry[] = []): Column {
  return { id: newId(), model, entries, results: {} };
}

export function newBench(models: readonly string[], settings: Partial<Settings> = {}): Bench {
  const columns = models.slice(0, MOST_COLUMNS).map((model) => newColumn(model));
  return { sessionId: newId(), settings: { ...SETTINGS, ...settings }, draft: NO_DRAFT, columns };
}

export function newAnswer(run: Run): Entry {
  return { id: newId(), role: "answer", answer: NO_ANSWER, run };
}

export function lastRun(column: Column): Run | null {
  const answer = column.entries.findLast((entry) => entry.role === "answer");
  return answer?.run ?? null;
}

export function isUnderWay({ status }: Run): boolean {
  return status === "sending" || status === "streaming";
}

export function isRunning(column: Column): boolean {
  const run = lastRun(column);
  return run !== null && isUnderWay(run);
}

/** Calls of the last answer that wait for their results. */
export function pendingCalls(column: Column): Answer["toolCalls"] {
  const last = column.entries.at(-1);
  return last?.role === "answer" && last.run.status === "done" ? last.answer.toolCalls : [];
}

/** The results that were typed in for them; one that was not is empty. */
export function resultsOf(column: Column): Asked[] {
  return pendingCalls(column).map((call) => ({
    role: "tool",
    callId: call.id,
    name: call.name,
    text: column.results[call.id] ?? "",
  }));
}

/** The conversation as it is sent. An answer that did not get to its end is part of it with what there is. */
export function turnsOf(entries: readonly Entry[]): Turn[] {
  return entries.map((entry) => {
    if (entry.role === "asked") return entry.turn;
    const { text, reasoning, toolCalls, carried } = entry.answer;
    const calls = entry.run.status === "done" ? toolCalls : [];
    return { role: "assistant", text, reasoning, toolCalls: calls, carried };
  });
}

/** What is said when the draft is sent: nothing where nothing is written. */
export function said(draft: Draft): Asked[] {
  const { text, files } = draft;
  return text.trim() === "" && files.length === 0 ? [] : [{ role: "user", text, attachments: files }];
}

/** The turns that a column would send next, or null where there is nothing to send. */
export function nextTurns(column: Column, draft: Draft): Turn[] | null {
  const more = [...resultsOf(column), ...said(draft)];
  return more.length === 0 ? null : [...turnsOf(column.entries), ...more];
}

/** The turns that a column has sent last, or null where it has sent none. */
export function sentTurns(column: Column): Turn[] | null {
  const at = column.entries.findLastIndex((entry) => entry.role === "answer");
  return at < 1 ? null : turnsOf(column.entries.slice(0, at));
}

/** The call that sends these turns from a column. */
export function callOf(settings: Settings, column: Column, turns: readonly Turn[]): Call {
  return { ...settings, model: column.model, turns };
}
