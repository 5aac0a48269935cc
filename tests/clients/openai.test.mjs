// OpenAI's own Node SDK against a hub with a test key: HUB_URL and HUB_KEY say where and with what.
import assert from "node:assert/strict";
import test from "node:test";

import OpenAI from "openai";
import { zodFunction, zodResponseFormat } from "openai/helpers/zod";
import { z } from "zod";

const model = "gpt-4.1-mini";
const client = new OpenAI({ baseURL: `${process.env.HUB_URL}/v1`, apiKey: process.env.HUB_KEY, maxRetries: 0 });
const said = (content) => [{ role: "user", content }];
const Ship = z.object({ name: z.string(), tons: z.number().int() });
const weather = {
  type: "function",
  function: {
    name: "get_weather",
    description: "Current weather of a city.",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
};
const population = {
  type: "function",
  function: {
    name: "get_population",
    description: "How many people live in a city.",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
};

test("plain answer", async () => {
  const answer = await client.chat.completions.create({ model, messages: said("Say hello") });
  assert.equal(answer.choices[0].message.content, "hello");
  assert.equal(answer.choices[0].finish_reason, "stop");
  assert.equal(answer.usage.total_tokens, answer.usage.prompt_tokens + answer.usage.completion_tokens);
  assert.match(answer._request_id, /^req_/);
});

test("stream", async () => {
  const stream = await client.chat.completions.create({
    model,
    messages: said("Count to 9"),
    stream: true,
    stream_options: { include_usage: true },
  });
  let text = "";
  let last;
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? "";
    last = chunk;
  }
  assert.equal(text, "1, 2, 3, 4, 5, 6, 7, 8, 9");
  assert.deepEqual(last.choices, []);
  assert.ok(last.usage.completion_tokens > 9);
});

test("stream helper", async () => {
  const runner = client.chat.completions.stream({ model, messages: said("Count to 9") });
  const deltas = [];
  runner.on("content", (delta) => deltas.push(delta));
  const final = await runner.finalChatCompletion();
  assert.equal(deltas.join(""), "1, 2, 3, 4, 5, 6, 7, 8, 9");
  assert.equal(final.choices[0].message.content, deltas.join(""));
});

test("several choices, log probabilities, stop, token limit", async () => {
  const several = await client.chat.completions.create({ model, messages: said("Say hello"), n: 2, logprobs: true });
  assert.deepEqual(several.choices.map((choice) => choice.message.content), ["hello", "hello (choice 2)"]);
  assert.equal(several.choices[0].logprobs.content[0].token, "hello");
  const stopped = await client.chat.completions.create({ model, messages: said("Count to 9"), stop: ", 5" });
  assert.equal(stopped.choices[0].message.content, "1, 2, 3, 4");
  const short = await client.chat.completions.create({ model, messages: said("Count to 99"), max_tokens: 3 });
  assert.equal(short.choices[0].finish_reason, "length");
});

test("image", async () => {
  const pixel =
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
  const parts = [{ type: "text", text: "What is it?" }, { type: "image_url", image_url: { url: pixel } }];
  const answer = await client.chat.completions.create({ model, messages: said(parts) });
  assert.match(answer.choices[0].message.content, /1 image \(1 × 1\)/);
});

test("parallel tool calls", async () => {
  const messages = said("Call get_weather for Paris and get_population for Lyon.");
  const answer = await client.chat.completions.create({ model, messages, tools: [weather, population] });
  const calls = answer.choices[0].message.tool_calls.map(({ function: called }) => [called.name, JSON.parse(called.arguments)]);
  assert.deepEqual(calls, [["get_weather", { city: "Paris" }], ["get_population", { city: "Lyon" }]]);
});

for (const stream of [false, true]) {
  test(`tool loop${stream ? ", streamed" : ""}`, async () => {
    const asked = [];
    const tool = structuredClone(weather);
    tool.function.parse = JSON.parse;
    tool.function.function = ({ city }) => {
      asked.push(city);
      return "18 degrees and rain";
    };
    const runner = client.chat.completions.runTools({ model, messages: said("What is the weather in Paris?"), tools: [tool], stream });
    assert.equal(await runner.finalContent(), "18 degrees and rain");
    assert.deepEqual(asked, ["Paris"]);
  });
}

test("parsed answer", async () => {
  const answer = await client.chat.completions.parse({
    model,
    messages: said('The "Alma" carries 4200 tons.'),
    response_format: zodResponseFormat(Ship, "ship"),
  });
  assert.deepEqual(answer.choices[0].message.parsed, { name: "Alma", tons: 4200 });
});

test("parsed answer, streamed", async () => {
  const runner = client.chat.completions.stream({
    model,
    messages: said('The "Alma" carries 4200 tons.'),
    response_format: zodResponseFormat(Ship, "ship"),
  });
  const final = await runner.finalChatCompletion();
  assert.deepEqual(final.choices[0].message.parsed, { name: "Alma", tons: 4200 });
});

test("parsed tool arguments", async () => {
  const answer = await client.chat.completions.parse({
    model,
    messages: said('Register the ship "Alma" of 4200 tons.'),
    tools: [zodFunction({ name: "register_ship", parameters: Ship })],
  });
  const [call] = answer.choices[0].message.tool_calls;
  assert.deepEqual(call.function.parsed_arguments, { name: "Alma", tons: 4200 });
});

test("JSON object", async () => {
  const answer = await client.chat.completions.create({
    model,
    messages: said('JSON with the keys "ship" and "tons"; tons is 12'),
    response_format: { type: "json_object" },
  });
  assert.deepEqual(JSON.parse(answer.choices[0].message.content), { ship: "simulated ship", tons: 12 });
});

test("abort", async () => {
  const started = performance.now();
  const slowly = { headers: { "x-entrepot-sandbox": "tokens_per_s=10" } };
  const stream = await client.chat.completions.create({ model, messages: said("Count to 99"), stream: true }, slowly);
  let chunks = 0;
  for await (const _ of stream) {
    if (++chunks === 3) stream.controller.abort();
  }
  assert.equal(chunks, 3);
  const controller = new AbortController();
  const plain = client.chat.completions.create({ model: "sandbox/stall", messages: said("Hi") }, { signal: controller.signal });
  setTimeout(() => controller.abort(), 50);
  await assert.rejects(plain, OpenAI.APIUserAbortError);
  assert.ok(performance.now() - started < 5000);
});

test("cut stream", async () => {
  const stream = await client.chat.completions.create({ model: "sandbox/cut-stream", messages: said("Count to 50"), stream: true });
  let text = "";
  await assert.rejects(
    async () => {
      for await (const chunk of stream) text += chunk.choices[0].delta.content ?? "";
    },
    (error) => error instanceof OpenAI.APIError && error.code === "upstream_stream_broken",
  );
  assert.equal(text, "1, 2,");
});

test("error classes", async () => {
  const classes = {
    400: OpenAI.BadRequestError,
    401: OpenAI.AuthenticationError,
    403: OpenAI.PermissionDeniedError,
    404: OpenAI.NotFoundError,
    409: OpenAI.ConflictError,
    413: OpenAI.APIError,
    422: OpenAI.UnprocessableEntityError,
    429: OpenAI.RateLimitError,
    500: OpenAI.InternalServerError,
    503: OpenAI.InternalServerError,
  };
  for (const [status, kind] of Object.entries(classes)) {
    await assert.rejects(
      client.chat.completions.create({ model: `sandbox/error-${status}`, messages: said("Hi") }),
      (error) => error instanceof kind && error.status === +status && error.requestID.startsWith("req_"),
      `status ${status}`,
    );
  }
});

test("unknown key", async () => {
  const stranger = new OpenAI({ baseURL: client.baseURL, apiKey: "ep-test-wrong", maxRetries: 0 });
  await assert.rejects(stranger.models.list(), OpenAI.AuthenticationError);
});

test("retry after a rate limit", async () => {
  const statuses = [];
  const patient = new OpenAI({
    baseURL: client.baseURL,
    apiKey: client.apiKey,
    maxRetries: 1,
    fetch: async (...request) => {
      const response = await fetch(...request);
      statuses.push(response.status);
      return response;
    },
  });
  const call = patient.chat.completions.create({ model: "sandbox/error-429", messages: said("Hi") });
  await assert.rejects(call, OpenAI.RateLimitError);
  assert.deepEqual(statuses, [429, 429]);
});

test("models", async () => {
  const ids = [];
  for await (const listed of client.models.list()) ids.push(listed.id);
  assert.ok(ids.includes(model));
  for (const name of ["openai/gpt-4.1-mini-2025-04-14", "gpt-4-1-mini-2025-04-14"]) {
    assert.equal((await client.models.retrieve(name)).id, model);
  }
});
