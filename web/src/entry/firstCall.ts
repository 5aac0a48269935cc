/** One call from the start page: what it sends, and its answer as it comes. */
import { useEffect, useRef, useState } from "react";
import type { ModelCard } from "../api/types";
import type { CallKey } from "../keys";
import { type Answer, grow, NO_ANSWER } from "../workbench/answer";
import type { Call } from "../workbench/call";
import { DIALECTS } from "../workbench/protocols/table";
import { type Ending, rawOf, run } from "../workbench/run";

export const PROMPT = "What is a seaport for?";

export interface FirstCall {
  answer: Answer;
  /** Null as long as the call runs, or before it. */
  ending: Ending | null;
  running: boolean;
  send: (call: Call, key: CallKey) => void;
  stop: () => void;
}

export function useFirstCall(onDone: () => void): FirstCall {
  const [state, setState] = useState({ answer: NO_ANSWER, ending: null as Ending | null, running: false });
  const abort = useRef<AbortController | null>(null);
  useEffect(() => () => abort.current?.abort(), []);
  const send = (call: Call, key: CallKey) => {
    abort.current?.abort();
    const control = new AbortController();
    abort.current = control;
    setState({ answer: NO_ANSWER, ending: null, running: true });
    const dialect = DIALECTS[call.protocol];
    void run(rawOf(dialect.request(call)), key.token, dialect.reader(), control.signal, {
      onHead: () => undefined,
      onDeltas: (deltas) => setState((now) => ({ ...now, answer: grow(now.answer, deltas) })),
    }).then((ending) => {
      if (abort.current !== control) return;
      setState((now) => ({ ...now, ending, running: false }));
      if (ending.status === "done") onDone();
    });
  };
  return { ...state, send, stop: () => abort.current?.abort() };
}

export function callOf(model: string, prompt: string): Call {
  return {
    model,
    protocol: "chat",
    system: "",
    turns: [{ role: "user", text: prompt, attachments: [] }],
    parameters: {},
    tools: [],
    toolChoice: null,
    format: { type: "text" },
  };
}

/** The model that is asked unless another is chosen: one that a live call would reach, or in test mode any that is no test. */
export function firstModel(
  cards: readonly Pick<ModelCard, "id" | "kind" | "sandbox" | "callable">[],
  mode: CallKey["mode"],
): string | null {
  const talking = cards.filter((card) => card.kind === "chat" && !card.sandbox);
  const chosen = talking.find((card) => card.callable) ?? (mode === "test" ? talking[0] : undefined);
  return chosen?.id ?? null;
}
