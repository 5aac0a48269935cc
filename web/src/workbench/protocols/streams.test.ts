/** What the readers make of streams that a hub has sent; `tests/browser/test_recorded_streams.py` records them. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Answer, grow, NO_ANSWER } from "../answer";
import type { Protocol } from "../call";
import { sseParser } from "../sse";
import { DIALECTS, PROTOCOLS } from "./table";

const RECORDED = "../tests/goldens/workbench";
const FREE = { cachedTokens: 0, costUsd: "0", estimated: false };

function recorded(protocol: Protocol, name: string): Uint8Array {
  return new Uint8Array(readFileSync(`${RECORDED}/${protocol}-${name}.sse`));
}

function read(protocol: Protocol, pieces: readonly Uint8Array[]): Answer {
  const parse = sseParser();
  const reader = DIALECTS[protocol].reader();
  return pieces.flatMap(parse).reduce((answer, event) => grow(answer, reader(event)), NO_ANSWER);
}

describe.each(PROTOCOLS)("the reader of %s", (protocol) => {
  it("tells text, usage and why it ended", () => {
    const answer = read(protocol, [recorded(protocol, "plain")]);
    expect(answer).toMatchObject({
      text: "Grüße, 港 🚢",
      reasoning: "",
      finish: "stop",
      fault: null,
      whole: true,
    });
    expect(answer.usage).toMatchObject({ ...FREE, reasoningTokens: 0 });
    expect(answer.usage?.inputTokens).toBeGreaterThan(8);
  });

  it("tells reasoning apart", () => {
    const answer = read(protocol, [recorded(protocol, "reasoning")]);
    expect(answer.text).toBe("hello");
    expect(answer.reasoning).toMatch(/^The prompt reads .* own words\.$/);
    expect(answer.usage).toEqual({ ...FREE, inputTokens: 9, outputTokens: 20, reasoningTokens: 19 });
  });

  it("tells calls of tools with their arguments", () => {
    const answer = read(protocol, [recorded(protocol, "tools")]);
    expect(answer.finish).toBe("tool_calls");
    expect(answer.toolCalls.map((call) => call.name)).toEqual(["weather", "port"]);
    expect(answer.toolCalls.map((call) => JSON.parse(call.arguments))).toEqual([
      { city: "Paris" },
      { city: "Rome" },
    ]);
    expect(new Set(answer.toolCalls.map((call) => call.id)).size).toBe(2);
  });

  it("tells that the answer broke off", () => {
    const answer = read(protocol, [recorded(protocol, "broken")]);
    expect(answer).toMatchObject({ text: "1,", whole: false });
    expect(answer.fault?.message).toContain("broke off");
    expect(answer.fault?.requestId).toBe("0");
  });

  it.each(["plain", "reasoning", "tools", "broken"])(
    "reads the stream “%s” the same however it is cut",
    (name) => {
      const bytes = recorded(protocol, name);
      const whole = JSON.stringify(read(protocol, [bytes]));
      const single = Array.from(bytes, (byte) => Uint8Array.of(byte));
      expect(JSON.stringify(read(protocol, single))).toBe(whole);
      for (let at = 1; at < bytes.length; at += 1) {
        if (JSON.stringify(read(protocol, [bytes.subarray(0, at), bytes.subarray(at)])) !== whole) {
          throw new Error(`cut at ${at}`);
        }
      }
    },
    60_000,
  );

  it("takes no stream for whole that has lost its end", () => {
    const bytes = recorded(protocol, "plain");
    const text = new TextDecoder().decode(bytes);
    const ends = [...text.matchAll(/\n\n/g)].map((match) => match.index + 2).slice(0, -1);
    const encoder = new TextEncoder();
    const cut = ends.map((end) => read(protocol, [encoder.encode(text.slice(0, end))]));
    expect(cut.length).toBeGreaterThan(5);
    expect(cut.some((answer) => answer.whole)).toBe(false);
  });
});
