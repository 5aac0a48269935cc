/** Past sessions of this browser. They stay on this device; keys are never part of them. */
import { ApiError } from "../api/client";
import { type Bench, type Entry, isUnderWay, NO_DRAFT } from "./state";

export interface Title {
  id: string;
  title: string;
  models: readonly string[];
  savedAtMs: number;
}

const NAME = "entrepot.workbench";
const MOST = 50;

/** Keeps a session once something was asked in it. */
export async function save(bench: Bench, nowMs = Date.now()): Promise<void> {
  const title = titleOf(bench);
  if (title === null) return;
  const models = bench.columns.map((column) => column.model);
  await within("readwrite", async (titles, sessions) => {
    titles.put({ id: bench.sessionId, title, models, savedAtMs: nowMs } satisfies Title);
    sessions.put(packed(bench), bench.sessionId);
    const kept = sorted(await answer<Title[]>(titles.getAll()));
    for (const { id } of kept.slice(MOST)) {
      titles.delete(id);
      sessions.delete(id);
    }
  });
}

/** Newest first. */
export function list(): Promise<readonly Title[]> {
  return within("readonly", async (titles) => sorted(await answer<Title[]>(titles.getAll())));
}

export function open(id: string): Promise<Bench | null> {
  return within("readonly", async (_, sessions) => {
    const found = await answer<Bench | undefined>(sessions.get(id));
    return found === undefined ? null : unpacked(found);
  });
}

export function remove(id: string): Promise<void> {
  return within("readwrite", async (titles, sessions) => {
    titles.delete(id);
    sessions.delete(id);
  });
}

export function clear(): Promise<void> {
  return within("readwrite", async (titles, sessions) => {
    titles.clear();
    sessions.clear();
  });
}

const LONGEST = 80;

/** The first prompt, in one line. */
export function titleOf(bench: Bench): string | null {
  const entries = bench.columns.flatMap((column) => column.entries);
  const first = entries.find((entry) => entry.role === "asked");
  if (first?.role !== "asked") return null;
  const text = first.turn.text.replace(/\s+/g, " ").trim() || "Without words";
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}

/** Without what went over the wire; what was under way has stopped by the time that it is opened. */
export function packed(bench: Bench): Bench {
  return changed(bench, (entry) => {
    if (entry.role !== "answer") return entry;
    const { error, status } = entry.run;
    const plain = error === null ? null : { ...error, message: error.message, name: error.name };
    return {
      ...entry,
      run: { ...entry.run, raw: null, error: plain, status: isUnderWay(entry.run) ? "stopped" : status },
    };
  });
}

/** Errors become what they were: a browser's store keeps their fields alone. */
export function unpacked(bench: Bench): Bench {
  return changed(bench, (entry) => {
    if (entry.role !== "answer" || entry.run.error === null) return entry;
    const told = entry.run.error as ApiError;
    const error =
      told.name === "ApiError"
        ? new ApiError(told.message, told.status, told.code, told.param, told.requestId, told.retryAfterS)
        : new Error(told.message);
    return { ...entry, run: { ...entry.run, error } };
  });
}

function changed(bench: Bench, by: (entry: Entry) => Entry): Bench {
  return {
    ...bench,
    draft: NO_DRAFT,
    columns: bench.columns.map((each) => ({ ...each, entries: each.entries.map(by) })),
  };
}

function sorted(titles: readonly Title[]): readonly Title[] {
  return titles.toSorted((one, other) => other.savedAtMs - one.savedAtMs);
}

type Work<Result> = (titles: IDBObjectStore, sessions: IDBObjectStore) => Promise<Result>;

/** One transaction; it is over before this returns. Throws DOMException where the browser keeps nothing. */
async function within<Result>(mode: IDBTransactionMode, work: Work<Result>): Promise<Result> {
  const opening = indexedDB.open(NAME, 1);
  opening.onupgradeneeded = () => {
    opening.result.createObjectStore("titles", { keyPath: "id" });
    opening.result.createObjectStore("sessions");
  };
  const database = await answer(opening);
  try {
    const transaction = database.transaction(["titles", "sessions"], mode);
    const over = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error);
    });
    const result = await work(transaction.objectStore("titles"), transaction.objectStore("sessions"));
    await over;
    return result;
  } finally {
    database.close();
  }
}

function answer<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
