import { describe, expect, it } from "vitest";
import { type SseEvent, sseParser } from "./sse";

const STREAM =
  ': hello\r\nevent: one\r\ndata: {"a":\r\ndata: "ü港"}\r\n\r\ndata:two\n\nevent: three\rdata\r\rid: 4\n\ndata: cut';
const EVENTS = [
  { type: "one", data: '{"a":\n"ü港"}' },
  { type: "message", data: "two" },
  { type: "three", data: "" },
];

function parsed(pieces: readonly Uint8Array[]): SseEvent[] {
  const parse = sseParser();
  return pieces.flatMap(parse);
}

describe("sseParser", () => {
  const bytes = new TextEncoder().encode(STREAM);

  it("reads every line end, comments and data of several lines", () => {
    expect(parsed([bytes])).toEqual(EVENTS);
  });

  it("reads the same from single bytes", () => {
    expect(parsed([...bytes].map((byte) => Uint8Array.of(byte)))).toEqual(EVENTS);
  });

  it("reads the same wherever it is cut", () => {
    for (let at = 0; at <= bytes.length; at += 1) {
      expect(parsed([bytes.slice(0, at), bytes.slice(at)])).toEqual(EVENTS);
    }
  });
});
