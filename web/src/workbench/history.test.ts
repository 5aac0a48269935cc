import { describe, expect, it } from "vitest";
import { ApiError } from "../api/client";
import { packed, titleOf, unpacked } from "./history";
import { rawOf } from "./run";
import { type Bench, newAnswer, newBench, newId, reduce } from "./state";

function session(text: string): Bench {
  const bench = newBench(["a"]);
  const run = {
    status: "streaming" as const,
    model: "a",
    protocol: "chat" as const,
    format: { type: "text" as const },
    startedAtMs: 0,
    ttftMs: null,
    totalMs: null,
    tokensPerS: null,
    simulated: true,
    dropped: [],
    error: new ApiError("It broke.", 502, "broken", null, "req_1", null),
    raw: rawOf({ path: "/v1", body: {}, dropped: [] }),
  };
  const turn = { role: "user" as const, text, attachments: [] };
  const entries = [{ id: newId(), role: "asked" as const, turn }, newAnswer(run)];
  return reduce(bench, { type: "asked", columnId: bench.columns[0]?.id ?? "", entries });
}

describe("history", () => {
  it("names a session by its first prompt", () => {
    expect(titleOf(newBench(["a"]))).toBeNull();
    expect(titleOf(session("Say\n  hello"))).toBe("Say hello");
    expect(titleOf(session("x".repeat(200)))).toHaveLength(80);
  });

  it("keeps what a store can keep, and makes errors of it again", () => {
    const kept = structuredClone(packed(session("Hi")));
    const entry = unpacked(kept).columns[0]?.entries[1];
    expect(entry).toMatchObject({ role: "answer", run: { status: "stopped", raw: null, simulated: true } });
    if (entry?.role !== "answer") throw new Error("there is no answer");
    expect(entry.run.error).toBeInstanceOf(ApiError);
    expect(entry.run.error).toMatchObject({ message: "It broke.", status: 502, requestId: "req_1" });
  });
});
