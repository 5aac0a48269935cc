/** Gathers what runs tell and gives it on with every second frame; where none are drawn, a few times a second. */
import type { Delta } from "./protocols/stream";
import type { Progress, Run } from "./state";

const SHOWN_MS = 30;
const HIDDEN_MS = 250;

export function gathered(give: (runs: ReadonlyMap<string, Progress>) => void) {
  let waiting = new Map<string, { deltas: Delta[]; run: Partial<Run> }>();
  let isScheduled = false;
  let shownAt = 0;
  const frame = (at: number) => {
    if (at - shownAt < SHOWN_MS) return requestAnimationFrame(frame);
    shownAt = at;
    return flush();
  };
  const flush = () => {
    isScheduled = false;
    if (waiting.size === 0) return;
    const runs = waiting;
    waiting = new Map();
    give(runs);
  };
  return {
    flush,
    tell: (id: string, deltas: readonly Delta[], told: Partial<Run>) => {
      const progress = waiting.get(id) ?? { deltas: [], run: {} };
      for (const delta of deltas) join(progress.deltas, delta);
      waiting.set(id, { ...progress, run: { ...progress.run, ...told } });
      if (isScheduled) return;
      isScheduled = true;
      if (document.hidden) setTimeout(flush, HIDDEN_MS);
      else requestAnimationFrame(frame);
    },
  };
}

/** Pieces of text that follow each other become one: a fast stream has thousands of them in a frame. */
function join(deltas: Delta[], delta: Delta): void {
  const last = deltas.at(-1);
  if (last?.kind === "text" && delta.kind === "text") {
    deltas[deltas.length - 1] = { kind: "text", text: last.text + delta.text };
  } else deltas.push(delta);
}
