// Vercel's AI SDK, which checks every answer with zod: through its providers for Chat Completions, Responses and
// Messages, against a hub with a test key and one before llama.cpp.
import assert from "node:assert/strict";
import test from "node:test";

import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { APICallError, embed, embedMany, generateObject, generateText, Output, stepCountIs, streamObject, streamText, tool } from "ai";
import { z } from "zod";

import { alma, almaPrompt, apiKey, counted, engine, model, pixel, said, slowly, url } from "./harbour.mjs";

const Ship = z.object({ name: z.string(), tons: z.number().int() });

const modelsOf = ({ url, apiKey }) => {
  const baseURL = `${url}/v1`;
  const openai = createOpenAI({ baseURL, apiKey });
  return {
    chat: (name) => openai.chat(name),
    responses: (name) => openai.responses(name),
    messages: createAnthropic({ baseURL, apiKey }),
    compatible: createOpenAICompatible({ name: "hub", baseURL, apiKey, includeUsage: true, supportsStructuredOutputs: true }),
  };
};
const local = modelsOf(engine);

const textOf = async (stream) => {
  let text = "";
  for await (const piece of stream) text += piece;
  return text;
};

for (const [kind, named] of Object.entries(modelsOf({ url, apiKey }))) {
  const ask = { model: named(model), maxRetries: 0 };

  test(`${kind}: text`, async () => {
    const { text, finishReason, usage } = await generateText({ ...ask, system: "Be brief.", prompt: "Say hello" });
    assert.deepEqual([text, finishReason], ["hello", "stop"]);
    assert.ok(usage.inputTokens > 0);
    assert.equal(usage.totalTokens, usage.inputTokens + usage.outputTokens);
  });

  test(`${kind}: streamed text`, async () => {
    const result = streamText({ ...ask, prompt: "Count to 9" });
    assert.equal(await textOf(result.textStream), counted);
    assert.equal(await result.finishReason, "stop");
    assert.ok((await result.usage).outputTokens > 9);
  });

  test(`${kind}: reasoning`, async () => {
    const thinking = { ...ask, model: named("sandbox/reasoning"), prompt: "Say hello" };
    const parts = [];
    for await (const part of streamText(thinking).fullStream) parts.push(part.type);
    assert.ok(parts.indexOf("reasoning-start") < parts.indexOf("text-start"));
    assert.equal((await generateText(thinking)).text, "hello");
  });

  test(`${kind}: image`, async () => {
    const content = [{ type: "text", text: "What is it?" }, { type: "image", image: Buffer.from(pixel, "base64") }];
    assert.match((await generateText({ ...ask, messages: said(content) })).text, /1 image \(1 × 1\)/);
  });

  test(`${kind}: tools`, async () => {
    const asked = [];
    const get_weather = tool({
      description: "Current weather of a city.",
      inputSchema: z.object({ city: z.string() }),
      execute: ({ city }) => {
        asked.push(city);
        return `18 degrees in ${city}`;
      },
    });
    const request = { ...ask, prompt: "What is the weather in Paris?", tools: { get_weather }, stopWhen: stepCountIs(3) };
    const { text, steps } = await generateText(request);
    assert.deepEqual([text, steps.length], ["18 degrees in Paris", 2]);
    assert.equal(await textOf(streamText(request).textStream), "18 degrees in Paris");
    assert.deepEqual(asked, ["Paris", "Paris"]);
  });

  test(`${kind}: objects`, async () => {
    const request = { ...ask, prompt: almaPrompt };
    assert.deepEqual((await generateObject({ ...request, schema: Ship })).object, alma);
    assert.deepEqual((await generateText({ ...request, output: Output.object({ schema: Ship }) })).output, alma);
    let last;
    for await (const partial of streamObject({ ...request, schema: Ship }).partialObjectStream) last = partial;
    assert.deepEqual(last, alma);
  });

  test(`${kind}: errors`, async () => {
    for (const [status, isRetryable] of [[400, false], [404, false], [429, true], [500, true], [529, true]]) {
      await assert.rejects(
        generateText({ ...ask, model: named(`sandbox/error-${status}`), prompt: "Hi" }),
        (error) => APICallError.isInstance(error) && error.statusCode === status && error.isRetryable === isRetryable && /asked/.test(error.message),
        `status ${status}`,
      );
    }
  });

  test(`${kind}: cut stream`, async () => {
    const seen = [];
    const { fullStream } = streamText({ ...ask, model: named("sandbox/cut-stream"), prompt: "Count to 50", onError: () => {} });
    for await (const part of fullStream) seen.push(part.type);
    assert.ok(seen.includes("error"), seen.join());
  });

  test(`${kind}: abort`, async () => {
    const controller = new AbortController();
    const { fullStream } = streamText({ ...ask, prompt: "Count to 99", headers: slowly, abortSignal: controller.signal });
    let pieces = 0;
    let last;
    for await (const part of fullStream) {
      if (part.type === "text-delta" && ++pieces === 3) controller.abort();
      last = part.type;
    }
    assert.deepEqual([pieces, last], [3, "abort"]);
  });

  test(`${kind}: llama.cpp`, async () => {
    const request = { model: local[kind](engine.model), maxRetries: 0, prompt: "What is in the harbour?", temperature: 0 };
    const { text } = await generateText(request);
    assert.ok(text.split(" ").length > 3);
    assert.equal(await textOf(streamText(request).textStream), text);
    const { object } = await generateObject({ ...request, schema: z.object({ flag: z.enum(["red", "white"]) }) });
    assert.ok(["red", "white"].includes(object.flag));
  });
}

const hub = { baseURL: `${url}/v1`, apiKey };
for (const [kind, embedding] of Object.entries({
  openai: createOpenAI(hub).embedding("text-embedding-3-small"),
  compatible: createOpenAICompatible({ name: "hub", ...hub }).embeddingModel("text-embedding-3-small"),
})) {
  test(`${kind}: embeddings`, async () => {
    const one = await embed({ model: embedding, value: "salt", maxRetries: 0 });
    const many = await embedMany({ model: embedding, values: ["salt", "tea"], maxRetries: 0 });
    assert.deepEqual(many.embeddings[0], one.embedding);
    assert.ok(one.usage.tokens > 0);
  });
}
