import { afterEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "../api/client";
import { DIALECTS } from "./protocols/table";
import { rawOf, run, tokensPerS } from "./run";

const SHAPED = { path: "/v1/chat/completions", body: { model: "a" }, dropped: [] };

function chunk(content: string): string {
  return `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`;
}

/** Runs a call that is answered with these pieces; the clock is a second later with each event. */
async function answered(response: Response | Error, signal = new AbortController().signal) {
  const fetched = vi.fn(async () => {
    if (response instanceof Error) throw response;
    return response;
  });
  vi.stubGlobal("fetch", fetched);
  const raw = rawOf(SHAPED);
  const deltas: unknown[] = [];
  let now = -1000;
  const clock = () => {
    now += 1000;
    return now;
  };
  const told = { onHead: () => undefined, onDeltas: (more: readonly unknown[]) => deltas.push(...more) };
  const ending = await run(raw, "ep-test-1", DIALECTS.chat.reader(), signal, told, clock);
  return { raw, deltas, ending, fetched };
}

function stream(pieces: readonly string[], failure?: Error): Response {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(new TextEncoder().encode(piece));
      if (failure === undefined) controller.close();
      else controller.error(failure);
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream", "x-request-id": "req_1" } });
}

afterEach(() => vi.unstubAllGlobals());

describe("run", () => {
  it("sends the key, and keeps it out of what is shown", async () => {
    const { raw, fetched } = await answered(stream([]));
    const [, sent] = fetched.mock.calls[0] as unknown as [string, RequestInit];
    expect(sent.headers).toMatchObject({ authorization: "Bearer ep-test-1" });
    expect(sent.body).toBe('{"model":"a"}');
    expect(JSON.stringify(raw)).not.toContain("ep-test-1");
  });

  it("measures the first token and the whole, and keeps events with their times", async () => {
    const { raw, ending } = await answered(stream([chunk(""), chunk("a"), chunk("b"), "data: [DONE]\n\n"]));
    expect(ending).toEqual({ status: "done", error: null, ttftMs: 3000, totalMs: 6000 });
    expect(raw.events.map((event) => event.atMs)).toEqual([2000, 3000, 4000, 5000]);
    expect(raw.response).toMatchObject({ status: 200, atMs: 1000 });
  });

  it("tells an answer that broke off", async () => {
    const { ending, deltas } = await answered(stream([chunk("a")]));
    expect(ending.status).toBe("failed");
    expect(ending.error).toMatchObject({ code: "stream_broken", requestId: "req_1" });
    expect(deltas).toEqual([{ kind: "text", text: "a" }]);
    const lost = await answered(stream([chunk("a")], new TypeError("network error")));
    expect(lost.ending.error).toMatchObject({ code: "stream_broken" });
  });

  it("tells an error that the stream told", async () => {
    const error = { message: "It broke.", code: "upstream_stream_broken", request_id: "req_9" };
    const { ending } = await answered(stream([chunk("a"), `data: ${JSON.stringify({ error })}\n\n`]));
    expect(ending.error).toBeInstanceOf(ApiError);
    expect(ending.error).toMatchObject({ message: "It broke.", code: error.code, requestId: "req_9" });
  });

  it("tells a refusal in the hub's words, and one that is no JSON", async () => {
    const body = JSON.stringify({
      error: { message: "No such model.", code: "model_not_found", param: "model" },
    });
    const refused = await answered(new Response(body, { status: 404 }));
    expect(refused.ending.error).toMatchObject({ message: "No such model.", status: 404, param: "model" });
    expect(refused.raw.body).toBe(body);
    const odd = await answered(new Response("<html>", { status: 502 }));
    expect(odd.ending.error).toMatchObject({ message: "The hub answered 502." });
  });

  it("tells that the hub is not there", async () => {
    const { ending } = await answered(new TypeError("fetch failed"));
    expect(ending.error).toMatchObject({ code: "unreachable" });
  });

  it("is stopped, not failed, when somebody stops it", async () => {
    const abort = new AbortController();
    abort.abort();
    const { ending } = await answered(new DOMException("stopped", "AbortError"), abort.signal);
    expect(ending).toMatchObject({ status: "stopped", error: null });
  });

  it("keeps so many events, and counts the others", async () => {
    const long = chunk("x".repeat(100_000));
    const { raw, ending } = await answered(stream([...Array(15).fill(long), "data: [DONE]\n\n"]));
    expect(ending.status).toBe("done");
    expect(raw.events.length).toBeLessThan(11);
    expect(raw.events.length + raw.omitted).toBe(16);
  });
});

describe("tokensPerS", () => {
  const usage = {
    inputTokens: 1,
    outputTokens: 30,
    cachedTokens: 0,
    reasoningTokens: 20,
    costUsd: null,
    estimated: false,
  };
  const ending = { status: "done", error: null, ttftMs: 1000, totalMs: 3000 } as const;

  it("counts from the first token on, without reasoning that nobody saw", () => {
    expect(tokensPerS(ending, usage, true)).toBe(15);
    expect(tokensPerS(ending, usage, false)).toBe(5);
  });

  it("is unknown where it cannot be known", () => {
    expect(tokensPerS(ending, null, true)).toBeNull();
    expect(tokensPerS({ ...ending, ttftMs: null }, usage, true)).toBeNull();
    expect(tokensPerS({ ...ending, totalMs: 1000 }, usage, true)).toBeNull();
  });
});
