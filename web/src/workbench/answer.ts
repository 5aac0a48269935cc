/** An answer as it grows out of the deltas of its stream. */
import type { ToolCall } from "./call";
import type { Delta, Fault, Usage } from "./protocols/stream";

export interface Answer {
  text: string;
  reasoning: string;
  toolCalls: readonly (ToolCall & { key: string })[];
  usage: Usage | null;
  finish: string | null;
  fault: Fault | null;
  carried: unknown;
  /** Whether the stream came to its own end. */
  whole: boolean;
}

export const NO_ANSWER: Answer = {
  text: "",
  reasoning: "",
  toolCalls: [],
  usage: null,
  finish: null,
  fault: null,
  carried: undefined,
  whole: false,
};

export function grow(answer: Answer, deltas: readonly Delta[]): Answer {
  return deltas.reduce(add, answer);
}

function add(answer: Answer, delta: Delta): Answer {
  switch (delta.kind) {
    case "text":
      return { ...answer, text: answer.text + delta.text };
    case "reasoning":
      return { ...answer, reasoning: answer.reasoning + delta.text };
    case "tool":
      return { ...answer, toolCalls: called(answer.toolCalls, delta) };
    case "usage":
      return { ...answer, usage: delta.usage };
    case "finish":
      return { ...answer, finish: delta.reason };
    case "error":
      return { ...answer, fault: delta.fault };
    case "carried":
      return { ...answer, carried: delta.value };
    case "end":
      return { ...answer, whole: true };
  }
}

function called(calls: Answer["toolCalls"], delta: Extract<Delta, { kind: "tool" }>): Answer["toolCalls"] {
  if (!calls.some((call) => call.key === delta.key)) {
    const { key, id = `call_${key}`, name = "" } = delta;
    return [...calls, { key, id, name, arguments: delta.arguments }];
  }
  return calls.map((call) =>
    call.key === delta.key ? { ...call, arguments: call.arguments + delta.arguments } : call,
  );
}

/** Whether a delta is something that the model wrote: the first of them ends the wait for it. */
export function isWritten(delta: Delta): boolean {
  return delta.kind === "text" || delta.kind === "reasoning" || delta.kind === "tool";
}
