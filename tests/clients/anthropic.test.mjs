// Anthropic's own Node SDK, against a hub with a test key and one before llama.cpp.
import assert from "node:assert/strict";
import test from "node:test";

import Anthropic from "@anthropic-ai/sdk";
import { betaZodTool } from "@anthropic-ai/sdk/helpers/beta/zod";
import { zodOutputFormat } from "@anthropic-ai/sdk/helpers/zod";
import { z } from "zod";

import { alma, almaPrompt, apiKey, city, counted, engine, model, pixel, said, slowly, url } from "./harbour.mjs";

const client = new Anthropic({ baseURL: url, apiKey, maxRetries: 0 });
const local = new Anthropic({ baseURL: engine.url, apiKey: engine.apiKey, maxRetries: 0 });
const ask = (content, more = {}) => ({ model, max_tokens: 256, messages: said(content), ...more });
const Ship = z.object({ name: z.string(), tons: z.number().int() });
const weather = { name: "get_weather", description: "Current weather of a city.", input_schema: city };
const textOf = (message) => message.content.filter(({ type }) => type === "text").map(({ text }) => text).join("");

test("plain answer", async () => {
  const message = await client.messages.create(ask("Say hello", { system: "Be brief." }));
  assert.deepEqual([textOf(message), message.stop_reason, message.role], ["hello", "end_turn", "assistant"]);
  assert.ok(message.usage.input_tokens > 0);
  assert.match(message._request_id, /^req_/);
});

test("bearer token", async () => {
  const bearer = new Anthropic({ baseURL: url, apiKey: null, authToken: apiKey, maxRetries: 0 });
  assert.equal(textOf(await bearer.messages.create(ask("Say hello"))), "hello");
});

test("stream", async () => {
  const types = [];
  let text = "";
  for await (const event of await client.messages.create(ask("Count to 9", { stream: true }))) {
    types.push(event.type);
    if (event.type === "content_block_delta") text += event.delta.text;
  }
  assert.equal(text, counted);
  assert.deepEqual([types[0], ...types.slice(-3)], ["message_start", "content_block_stop", "message_delta", "message_stop"]);
});

test("stream helper", async () => {
  const texts = [];
  const stream = client.messages.stream(ask("Count to 9")).on("text", (text) => texts.push(text));
  const final = await stream.finalMessage();
  assert.equal(texts.join(""), counted);
  assert.deepEqual([textOf(final), final.stop_reason], [counted, "end_turn"]);
  assert.ok(final.usage.output_tokens > 9);
});

test("thinking", async () => {
  const thinking = { type: "enabled", budget_tokens: 1024 };
  const thoughts = [];
  const stream = client.messages.stream(ask("Say hello", { max_tokens: 4096, thinking }));
  const final = await stream.on("thinking", (thought) => thoughts.push(thought)).finalMessage();
  assert.deepEqual(final.content.map(({ type }) => type), ["thinking", "text"]);
  assert.equal(final.content[0].thinking, thoughts.join(""));
  assert.ok(final.content[0].signature);
});

test("image and document", async () => {
  const image = { type: "image", source: { type: "base64", media_type: "image/png", data: pixel } };
  const document = { type: "document", source: { type: "text", media_type: "text/plain", data: "4200 tons of tea" } };
  const answer = textOf(await client.messages.create(ask([image, document, { type: "text", text: "What is it?" }])));
  assert.match(answer, /1 image \(1 × 1\)/);
  assert.match(answer, /4200 tons of tea/);
});

test("stop sequence and limit", async () => {
  const stopped = await client.messages.create(ask("Count to 10", { stop_sequences: [", 5"] }));
  assert.deepEqual([textOf(stopped), stopped.stop_reason, stopped.stop_sequence], ["1, 2, 3, 4", "stop_sequence", ", 5"]);
  const short = await client.messages.create(ask("Count to 100", { max_tokens: 5 }));
  assert.deepEqual([short.stop_reason, short.usage.output_tokens], ["max_tokens", 5]);
});

test("token count", async () => {
  const { max_tokens, ...request } = ask("What is the weather in Paris?", { tools: [weather] });
  const { input_tokens } = await client.messages.countTokens(request);
  assert.equal(input_tokens, (await client.messages.create({ max_tokens, ...request })).usage.input_tokens);
});

test("tool runner", async () => {
  const asked = [];
  const run = ({ city }) => {
    asked.push(city);
    return `18 degrees in ${city}`;
  };
  const { name, description } = weather;
  const tools = [betaZodTool({ name, description, inputSchema: z.object({ city: z.string() }), run })];
  const request = ask("What is the weather in Paris?", { tools });
  assert.equal(textOf(await client.beta.messages.toolRunner(request)), "18 degrees in Paris");
  const reasons = [];
  for await (const stream of client.beta.messages.toolRunner({ ...request, stream: true })) {
    reasons.push((await stream.finalMessage()).stop_reason);
  }
  assert.deepEqual(reasons, ["tool_use", "end_turn"]);
  assert.deepEqual(asked, ["Paris", "Paris"]);
});

test("forced tool", async () => {
  const message = await client.messages.create(ask("Hello", { tools: [weather], tool_choice: { type: "any" } }));
  assert.deepEqual([message.stop_reason, message.content[0].name], ["tool_use", "get_weather"]);
});

test("parsed answer", async () => {
  const request = ask(almaPrompt, { output_config: { format: zodOutputFormat(Ship) } });
  assert.deepEqual((await client.messages.parse(request)).parsed_output, alma);
  assert.deepEqual((await client.messages.stream(request).finalMessage()).parsed_output, alma);
});

test("models", async () => {
  const listed = [];
  for await (const each of client.models.list({ limit: 5 })) listed.push(each);
  assert.ok(listed.length > 5);
  assert.ok(listed.every(({ type, display_name, lifecycle }) => type === "model" && display_name && lifecycle !== "retired"));
  assert.ok(listed.some(({ id }) => id === model));
  assert.equal((await client.models.retrieve("openai/gpt-4.1-mini-2025-04-14")).id, model);
  await assert.rejects(client.models.retrieve("gpt-0"), (error) => error instanceof Anthropic.NotFoundError && error.requestID.startsWith("req_"));
});

test("abort", async () => {
  const stream = client.messages.stream(ask("Count to 99"), { headers: slowly });
  let texts = 0;
  stream.on("text", () => {
    if (++texts === 3) stream.abort();
  });
  await assert.rejects(stream.finalMessage(), Anthropic.APIUserAbortError);
  assert.equal(texts, 3);
  const plain = client.messages.create(ask("Hi", { model: "sandbox/stall" }), { signal: AbortSignal.timeout(50) });
  await assert.rejects(plain, Anthropic.APIUserAbortError);
});

test("cut stream", async () => {
  const stream = client.messages.stream(ask("Count to 50", { model: "sandbox/cut-stream" }));
  let text = "";
  stream.on("text", (piece) => (text += piece));
  await assert.rejects(stream.finalMessage(), /broke off/);
  assert.equal(text, "1, 2,");
});

test("error classes", async () => {
  const errors = {
    400: [Anthropic.BadRequestError, "invalid_request_error"],
    401: [Anthropic.AuthenticationError, "authentication_error"],
    403: [Anthropic.PermissionDeniedError, "permission_error"],
    404: [Anthropic.NotFoundError, "not_found_error"],
    409: [Anthropic.ConflictError, "conflict_error"],
    413: [Anthropic.APIError, "request_too_large"],
    422: [Anthropic.UnprocessableEntityError, "invalid_request_error"],
    429: [Anthropic.RateLimitError, "rate_limit_error"],
    500: [Anthropic.InternalServerError, "api_error"],
    529: [Anthropic.InternalServerError, "overloaded_error"],
  };
  for (const [status, [kind, type]] of Object.entries(errors)) {
    await assert.rejects(
      client.messages.create(ask("Hi", { model: `sandbox/error-${status}` })),
      (error) => error instanceof kind && error.status === +status && error.type === type && error.requestID.startsWith("req_"),
      `status ${status}`,
    );
  }
});

test("unknown key", async () => {
  const stranger = new Anthropic({ baseURL: url, apiKey: "ep-test-wrong", maxRetries: 0 });
  await assert.rejects(stranger.messages.create(ask("Hi")), Anthropic.AuthenticationError);
});

test("llama.cpp answers", async () => {
  const request = ask("What is in the harbour?", { model: engine.model, temperature: 0 });
  const whole = textOf(await local.messages.create(request));
  assert.ok(whole.split(" ").length > 3);
  assert.equal(textOf(await local.messages.stream(request).finalMessage()), whole);
});

test("llama.cpp keeps to a schema and calls a tool", async () => {
  const request = ask("What is in the harbour?", { model: engine.model, temperature: 0 });
  const format = zodOutputFormat(z.object({ flag: z.enum(["red", "white"]) }));
  const { parsed_output: parsed } = await local.messages.parse({ ...request, output_config: { format } });
  assert.ok(["red", "white"].includes(parsed.flag));
  const message = await local.messages.create({ ...request, tools: [weather], tool_choice: { type: "any" } });
  assert.equal(message.stop_reason, "tool_use");
  assert.equal(typeof message.content.at(-1).input.city, "string");
});
