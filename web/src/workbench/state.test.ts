import { describe, expect, it } from "vitest";
import { rawOf } from "./run";
import {
  type Bench,
  type Column,
  newAnswer,
  newBench,
  newId,
  pendingCalls,
  type Run,
  reduce,
  resultsOf,
  turnsOf,
} from "./state";

const RUN: Run = {
  status: "sending",
  model: "a",
  protocol: "chat",
  format: { type: "text" },
  startedAtMs: 0,
  ttftMs: null,
  totalMs: null,
  tokensPerS: null,
  simulated: false,
  dropped: [],
  error: null,
  raw: null,
};

function asked(bench: Bench, at: number, text: string): Bench {
  const entries = [
    { id: newId(), role: "asked" as const, turn: { role: "user" as const, text, attachments: [] } },
    newAnswer({ ...RUN, raw: rawOf({ path: "/v1", body: {}, dropped: [] }) }),
  ];
  return reduce(bench, { type: "asked", columnId: bench.columns[at]?.id ?? "", entries });
}

function last(column: Column | undefined): string {
  return column?.entries.at(-1)?.id ?? "";
}

describe("the bench", () => {
  it("grows only the columns of which something was told", () => {
    const bench = asked(asked(newBench(["a", "b"]), 0, "Hi"), 1, "Hi");
    const runs = new Map([
      [
        last(bench.columns[1]),
        { deltas: [{ kind: "text" as const, text: "ho" }], run: { status: "streaming" as const } },
      ],
    ]);
    const next = reduce(bench, { type: "told", runs });
    expect(next.columns[0]).toBe(bench.columns[0]);
    expect(next.columns[1]?.entries.at(-1)).toMatchObject({
      answer: { text: "ho" },
      run: { status: "streaming" },
    });
  });

  it("adds, copies, moves and removes columns, and has six at most", () => {
    let bench = newBench(["a", "b"]);
    const [first, second] = bench.columns;
    bench = reduce(bench, { type: "moved", columnId: first?.id ?? "", by: 1 });
    expect(bench.columns.map((column) => column.model)).toEqual(["b", "a"]);
    expect(reduce(bench, { type: "moved", columnId: first?.id ?? "", by: 1 }).columns).toEqual(bench.columns);
    for (let more = 0; more < 9; more += 1) {
      const column = newBench(["c"]).columns[0];
      if (column !== undefined) bench = reduce(bench, { type: "added", column, after: second?.id ?? "" });
    }
    expect(bench.columns.map((column) => column.model)).toEqual(["b", "c", "c", "c", "c", "a"]);
    bench = reduce(bench, { type: "removed", columnId: second?.id ?? "" });
    expect(bench.columns).toHaveLength(5);
  });

  it("keeps the conversation when the model changes", () => {
    const bench = asked(newBench(["a"]), 0, "Hi");
    const swapped = reduce(bench, { type: "swapped", columnId: bench.columns[0]?.id ?? "", model: "b" });
    expect(swapped.columns[0]).toEqual({ ...bench.columns[0], model: "b" });
  });

  it("cuts a conversation at a turn", () => {
    const bench = asked(asked(newBench(["a"]), 0, "One"), 0, "Two");
    const column = bench.columns[0];
    const cut = reduce(bench, {
      type: "cut",
      columnId: column?.id ?? "",
      from: column?.entries[2]?.id ?? "",
    });
    expect(cut.columns[0]?.entries).toEqual(column?.entries.slice(0, 2));
  });

  it("asks for results of the calls of an answer that is done", () => {
    let bench = asked(newBench(["a"]), 0, "Hi");
    const tell = (status: Run["status"]) => {
      const deltas = [{ kind: "tool" as const, key: "0", id: "c", name: "f", arguments: "{}" }];
      const runs = new Map([
        [last(bench.columns[0]), { deltas: status === "done" ? deltas : [], run: { status } }],
      ]);
      bench = reduce(bench, { type: "told", runs });
      return bench.columns[0] as Column;
    };
    expect(pendingCalls(tell("streaming"))).toEqual([]);
    const column = tell("done");
    expect(pendingCalls(column).map((call) => call.id)).toEqual(["c"]);
    bench = reduce(bench, { type: "drafted", columnId: column.id, callId: "c", text: "42" });
    expect(resultsOf(bench.columns[0] as Column)).toEqual([
      { role: "tool", callId: "c", name: "f", text: "42" },
    ]);
  });

  it("sends no calls of an answer that did not get to its end", () => {
    let bench = asked(newBench(["a"]), 0, "Hi");
    const deltas = [
      { kind: "text" as const, text: "Let me" },
      { kind: "tool" as const, key: "0", name: "f", arguments: '{"a' },
    ];
    bench = reduce(bench, {
      type: "told",
      runs: new Map([[last(bench.columns[0]), { deltas, run: { status: "stopped" } }]]),
    });
    expect(turnsOf(bench.columns[0]?.entries ?? []).at(-1)).toMatchObject({ text: "Let me", toolCalls: [] });
  });

  it("keeps what went over the wire of the newest answers", () => {
    let bench = newBench(["a"]);
    for (let count = 0; count < 25; count += 1) bench = asked(bench, 0, String(count));
    const kept = bench.columns[0]?.entries.map((entry) => entry.role === "answer" && entry.run.raw !== null);
    expect(kept?.filter(Boolean)).toHaveLength(20);
    expect(kept?.at(-1)).toBe(true);
  });
});
