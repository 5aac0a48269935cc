// Responses by OpenAI's own Node SDK, against a hub with a test key and one before llama.cpp.
import assert from "node:assert/strict";
import test from "node:test";

import OpenAI from "openai";
import { zodResponsesFunction, zodTextFormat } from "openai/helpers/zod";
import { z } from "zod";

import { alma, almaPrompt, apiKey, city, counted, engine, model, pixel, slowly, url } from "./harbour.mjs";

const client = new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 });
const local = new OpenAI({ baseURL: `${engine.url}/v1`, apiKey: engine.apiKey, maxRetries: 0 });
const Ship = z.object({ name: z.string(), tons: z.number().int() });
const weather = { type: "function", name: "get_weather", description: "Current weather of a city.", parameters: city, strict: true };

test("plain answer", async () => {
  const response = await client.responses.create({ model, input: "Say hello", instructions: "Be brief." });
  assert.equal(response.output_text, "hello");
  assert.deepEqual([response.object, response.status, response.error], ["response", "completed", null]);
  assert.equal(response.usage.total_tokens, response.usage.input_tokens + response.usage.output_tokens);
  assert.match(response._request_id, /^req_/);
});

test("stream", async () => {
  const types = [];
  let text = "";
  let number = 0;
  for await (const event of await client.responses.create({ model, input: "Count to 9", stream: true })) {
    assert.equal(event.sequence_number, number++);
    types.push(event.type);
    if (event.type === "response.output_text.delta") text += event.delta;
  }
  assert.equal(text, counted);
  assert.deepEqual([types[0], types.at(-1)], ["response.created", "response.completed"]);
});

test("stream helper", async () => {
  const stream = client.responses.stream({ model, input: "Count to 9" });
  let snapshot = "";
  stream.on("response.output_text.delta", (event) => (snapshot = event.snapshot));
  const final = await stream.finalResponse();
  assert.equal(final.output_text, counted);
  assert.equal(snapshot, counted);
});

test("reasoning", async () => {
  const response = await client.responses.create({ model: "sandbox/reasoning", input: "Say hello" });
  assert.deepEqual(response.output.map((item) => item.type), ["reasoning", "message"]);
  assert.ok(response.usage.output_tokens_details.reasoning_tokens > 0);
});

test("image", async () => {
  const content = [
    { type: "input_text", text: "What is it?" },
    { type: "input_image", image_url: `data:image/png;base64,${pixel}`, detail: "auto" },
  ];
  const response = await client.responses.create({ model, input: [{ role: "user", content }] });
  assert.match(response.output_text, /1 image \(1 × 1\)/);
});

test("tool loop", async () => {
  const input = [{ role: "user", content: "What is the weather in Paris?" }];
  const first = await client.responses.create({ model, input, tools: [weather] });
  const [call] = first.output;
  assert.deepEqual([call.type, call.name, JSON.parse(call.arguments)], ["function_call", "get_weather", { city: "Paris" }]);
  input.push(...first.output, { type: "function_call_output", call_id: call.call_id, output: "18 degrees and rain" });
  const second = await client.responses.create({ model, input, tools: [weather] });
  assert.equal(second.output_text, "18 degrees and rain");
});

test("parsed answer", async () => {
  const request = { model, input: almaPrompt, text: { format: zodTextFormat(Ship, "ship") } };
  assert.deepEqual((await client.responses.parse(request)).output_parsed, alma);
  assert.deepEqual((await client.responses.stream(request).finalResponse()).output_parsed, alma);
});

test("parsed tool arguments", async () => {
  const tools = [zodResponsesFunction({ name: "register_ship", parameters: Ship })];
  const response = await client.responses.parse({ model, input: 'Register the ship "Alma" of 4200 tons.', tools });
  assert.deepEqual(response.output[0].parsed_arguments, alma);
});

test("stored responses", async () => {
  const first = await client.responses.create({ model, input: "My name is Ada." });
  assert.equal(first.store, true);
  assert.equal((await client.responses.retrieve(first.id)).output_text, first.output_text);
  const second = await client.responses.create({ model, input: "What is my name?", previous_response_id: first.id });
  assert.match(second.output_text, /Ada/);
  const items = [];
  for await (const item of client.responses.inputItems.list(second.id, { limit: 1 })) items.push(item);
  assert.ok(items.length > 1);
  let replayed = "";
  for await (const event of await client.responses.retrieve(second.id, { stream: true })) {
    if (event.type === "response.output_text.delta") replayed += event.delta;
  }
  assert.equal(replayed, second.output_text);
  await client.responses.delete(first.id);
  await assert.rejects(client.responses.retrieve(first.id), OpenAI.NotFoundError);
});

test("compaction", async () => {
  const { output } = await client.responses.compact({ model, input: "My name is Ada." });
  assert.equal(output.at(-1).type, "compaction");
  const input = [...output, { role: "user", content: "What is my name?" }];
  assert.match((await client.responses.create({ model, input })).output_text, /Ada/);
});

test("token count", async () => {
  const request = { model, input: "What is the weather in Paris?", tools: [weather] };
  const { input_tokens } = await client.responses.inputTokens.count(request);
  assert.equal(input_tokens, (await client.responses.create(request)).usage.input_tokens);
});

test("abort", async () => {
  const stream = await client.responses.create({ model, input: "Count to 99", stream: true }, { headers: slowly });
  let deltas = 0;
  for await (const event of stream) {
    if (event.type === "response.output_text.delta" && ++deltas === 3) stream.controller.abort();
  }
  assert.equal(deltas, 3);
  const plain = client.responses.create({ model: "sandbox/stall", input: "Hi" }, { signal: AbortSignal.timeout(50) });
  await assert.rejects(plain, OpenAI.APIUserAbortError);
});

test("cut stream", async () => {
  const events = [];
  for await (const event of await client.responses.create({ model: "sandbox/cut-stream", input: "Count to 50", stream: true })) {
    events.push(event);
  }
  assert.deepEqual([events.at(-1).type, events.at(-1).code], ["error", "upstream_stream_broken"]);
});

test("error classes", async () => {
  const classes = { 400: OpenAI.BadRequestError, 401: OpenAI.AuthenticationError, 404: OpenAI.NotFoundError, 429: OpenAI.RateLimitError, 503: OpenAI.InternalServerError };
  for (const [status, kind] of Object.entries(classes)) {
    await assert.rejects(
      client.responses.create({ model: `sandbox/error-${status}`, input: "Hi" }),
      (error) => error instanceof kind && error.status === +status && error.requestID.startsWith("req_"),
      `status ${status}`,
    );
  }
});

test("llama.cpp answers", async () => {
  const request = { model: engine.model, input: "What is in the harbour?", temperature: 0 };
  const whole = await local.responses.create(request);
  assert.ok(whole.output_text.split(" ").length > 3);
  assert.equal((await local.responses.stream(request).finalResponse()).output_text, whole.output_text);
});

test("llama.cpp keeps to a schema and calls a tool", async () => {
  const request = { model: engine.model, input: "What is in the harbour?", temperature: 0 };
  const parsed = await local.responses.parse({ ...request, text: { format: zodTextFormat(z.object({ flag: z.enum(["red", "white"]) }), "ship") } });
  assert.ok(["red", "white"].includes(parsed.output_parsed.flag));
  const { output } = await local.responses.create({ ...request, tools: [weather], tool_choice: "required" });
  assert.equal(output.at(-1).name, "get_weather");
  assert.equal(typeof JSON.parse(output.at(-1).arguments).city, "string");
});
