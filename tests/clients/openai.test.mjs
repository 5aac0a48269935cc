// Chat Completions by OpenAI's own Node SDK, against a hub with a test key and one before llama.cpp.
import assert from "node:assert/strict";
import test from "node:test";

import OpenAI from "openai";
import { zodFunction, zodResponseFormat } from "openai/helpers/zod";
import { z } from "zod";

import { alma, almaPrompt, apiKey, city, counted, engine, model, pixel, said, slowly, url } from "./harbour.mjs";

const client = new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 });
const local = new OpenAI({ baseURL: `${engine.url}/v1`, apiKey: engine.apiKey, maxRetries: 0 });
const Ship = z.object({ name: z.string(), tons: z.number().int() });
const weather = {
  type: "function",
  function: {
    name: "get_weather",
    description: "Current weather of a city.",
    parameters: city,
  },
};
const population = {
  type: "function",
  function: {
    name: "get_population",
    description: "How many people live in a city.",
    parameters: city,
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
  assert.equal(text, counted);
  assert.deepEqual(last.choices, []);
  assert.ok(last.usage.completion_tokens > 9);
});

test("stream helper", async () => {
  const runner = client.chat.completions.stream({ model, messages: said("Count to 9") });
  const deltas = [];
  runner.on("content", (delta) => deltas.push(delta));
  const final = await runner.finalChatCompletion();
  assert.equal(deltas.join(""), counted);
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
  const parts = [{ type: "text", text: "What is it?" }, { type: "image_url", image_url: { url: `data:image/png;base64,${pixel}` } }];
  const answer = await client.chat.completions.create({ model, messages: said(parts) });
  assert.match(answer.choices[0].message.content, /1 image \(1 × 1\)/);
});

test("parallel tool calls", async () => {
  const messages = said("Call get_weather for Paris and get_population for Lyon.");
  const answer = await client.chat.completions.create({ model, messages, tools: [weather, population] });
  const calls = answer.choices[0].message.tool_calls.map(({ function: called }) => [called.name, JSON.parse(called.arguments)]);
  assert.deepEqual(calls, [["get_weather", { city: "Paris" }], ["get_population", { city: "Lyon" }]]);
});

const toolLoop = async (stream) => {
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
};

test("tool loop", () => toolLoop(false));

test("tool loop, streamed", () => toolLoop(true));

test("parsed answer", async () => {
  const answer = await client.chat.completions.parse({
    model,
    messages: said(almaPrompt),
    response_format: zodResponseFormat(Ship, "ship"),
  });
  assert.deepEqual(answer.choices[0].message.parsed, alma);
});

test("parsed answer, streamed", async () => {
  const runner = client.chat.completions.stream({
    model,
    messages: said(almaPrompt),
    response_format: zodResponseFormat(Ship, "ship"),
  });
  const final = await runner.finalChatCompletion();
  assert.deepEqual(final.choices[0].message.parsed, alma);
});

test("parsed tool arguments", async () => {
  const answer = await client.chat.completions.parse({
    model,
    messages: said('Register the ship "Alma" of 4200 tons.'),
    tools: [zodFunction({ name: "register_ship", parameters: Ship })],
  });
  const [call] = answer.choices[0].message.tool_calls;
  assert.deepEqual(call.function.parsed_arguments, alma);
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
  const stream = await client.chat.completions.create({ model, messages: said("Count to 99"), stream: true }, { headers: slowly });
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

test("llama.cpp answers, keeps to a schema and calls a tool", async () => {
  const request = { model: engine.model, messages: said("What is in the harbour?"), temperature: 0 };
  const whole = await local.chat.completions.create(request);
  assert.equal(await local.chat.completions.stream(request).finalContent(), whole.choices[0].message.content);
  const response_format = zodResponseFormat(z.object({ flag: z.enum(["red", "white"]) }), "ship");
  const parsed = await local.chat.completions.parse({ ...request, response_format });
  assert.ok(["red", "white"].includes(parsed.choices[0].message.parsed.flag));
  const called = await local.chat.completions.create({ ...request, tools: [weather], tool_choice: "required" });
  assert.equal(called.choices[0].message.tool_calls[0].function.name, "get_weather");
});
