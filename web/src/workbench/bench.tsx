/** The engine for whatever stands on the workbench, and what each part of the page reads of it. */
import { createContext, useContext, useMemo, useSyncExternalStore } from "react";
import type { ModelCard } from "../api/types";
import type { Engine } from "./engine";
import type { Bench } from "./state";

const EngineContext = createContext<Engine | null>(null);

export const EngineProvider = EngineContext.Provider;

export function useEngine(): Engine {
  const engine = useContext(EngineContext);
  if (engine === null) throw new Error("There is no workbench around this.");
  return engine;
}

/** What `pick` takes of the bench. It must be the same object as long as nothing of it has changed. */
export function useBench<Part>(pick: (bench: Bench) => Part): Part {
  const engine = useEngine();
  return useSyncExternalStore(engine.subscribe, () => pick(engine.state()));
}

/** The columns' models. A new list comes only when they change. */
export function useModels(): readonly string[] {
  const text = useBench((bench) => JSON.stringify(bench.columns.map((column) => column.model)));
  return useMemo(() => JSON.parse(text) as string[], [text]);
}

/** The card of a model by its id or an alias, in any case. */
export function cardOf(cards: readonly ModelCard[] | undefined, model: string): ModelCard | undefined {
  const name = model.toLowerCase();
  return cards?.find((card) => [card.id, ...card.aliases].some((each) => each.toLowerCase() === name));
}
