import { describe, expect, it } from "vitest";
import { grow, NO_ANSWER } from "../answer";
import type { Attachment, Call, Tool, Turn } from "../call";
import { DIALECTS, PROTOCOLS } from "./table";

const TOOL: Tool = {
  name: "weather",
  description: "Tells the weather",
  parameters: { type: "object", properties: { city: { type: "string" } } },
  strict: true,
};
const SCHEMA = { type: "object", properties: { ship: { type: "string" } } };
const PNG: Attachment = {
  id: "1",
  name: "a.png",
  mediaType: "image/png",
  url: "data:image/png;base64,QUJD",
  bytes: 3,
};
const PDF: Attachment = {
  id: "2",
  name: "a.pdf",
  mediaType: "application/pdf",
  url: "data:application/pdf;base64,QUJD",
  bytes: 3,
};
const TURNS: Turn[] = [
  { role: "user", text: "Look", attachments: [PNG, PDF] },
  {
    role: "assistant",
    text: "Well",
    reasoning: "Hm",
    toolCalls: [
      { id: "c1", name: "weather", arguments: '{"city":"Rome"}' },
      { id: "c2", name: "weather", arguments: '{"city"' },
    ],
  },
  { role: "tool", callId: "c1", name: "weather", text: "Sunny" },
  { role: "tool", callId: "c2", name: "weather", text: "Rain" },
  { role: "user", text: "Thanks", attachments: [] },
  { role: "assistant", text: "", reasoning: "", toolCalls: [] },
  { role: "user", text: "And now?", attachments: [] },
];
const CALL: Call = {
  model: "harbour",
  protocol: "chat",
  system: "Be brief.",
  turns: TURNS,
  parameters: {
    temperature: 0.5,
    max_completion_tokens: 50,
    stop: "END",
    reasoning_effort: "minimal",
    n: 2,
    seed: 7,
  },
  tools: [TOOL],
  toolChoice: { name: "weather" },
  format: { type: "json_schema", name: "ship", schema: SCHEMA, strict: true },
};
const ASK: Call = {
  ...CALL,
  system: " ",
  turns: [{ role: "user", text: "Hi", attachments: [] }],
  parameters: {},
  tools: [],
  toolChoice: "required",
  format: { type: "text" },
};

describe("requests", () => {
  it("are Chat Completions'", () => {
    const { path, body, dropped } = DIALECTS.chat.request(CALL);
    expect([path, dropped]).toEqual(["/v1/chat/completions", ["n"]]);
    expect(body).toMatchObject({
      temperature: 0.5,
      max_completion_tokens: 50,
      stop: "END",
      reasoning_effort: "minimal",
      seed: 7,
      stream: true,
      stream_options: { include_usage: true },
      tool_choice: { type: "function", function: { name: "weather" } },
      response_format: { type: "json_schema", json_schema: { name: "ship", schema: SCHEMA, strict: true } },
    });
    expect(body.messages).toEqual([
      { role: "system", content: "Be brief." },
      {
        role: "user",
        content: [
          { type: "image_url", image_url: { url: PNG.url } },
          { type: "file", file: { filename: "a.pdf", file_data: PDF.url } },
          { type: "text", text: "Look" },
        ],
      },
      {
        role: "assistant",
        content: "Well",
        tool_calls: [
          { id: "c1", type: "function", function: { name: "weather", arguments: '{"city":"Rome"}' } },
          { id: "c2", type: "function", function: { name: "weather", arguments: '{"city"' } },
        ],
      },
      { role: "tool", tool_call_id: "c1", content: "Sunny" },
      { role: "tool", tool_call_id: "c2", content: "Rain" },
      { role: "user", content: "Thanks" },
      { role: "user", content: "And now?" },
    ]);
  });

  it("are Responses'", () => {
    const { path, body, dropped } = DIALECTS.responses.request({ ...CALL, thinks: true });
    expect([path, dropped]).toEqual(["/v1/responses", ["stop", "n", "seed"]]);
    expect(body).toMatchObject({
      instructions: "Be brief.",
      max_output_tokens: 50,
      reasoning: { effort: "minimal", summary: "auto" },
      text: { format: { type: "json_schema", name: "ship", schema: SCHEMA, strict: true } },
      tools: [{ type: "function", ...TOOL }],
      tool_choice: { type: "function", name: "weather" },
      include: ["reasoning.encrypted_content"],
      store: false,
      stream: true,
    });
    expect(body.input).toEqual([
      {
        role: "user",
        content: [
          { type: "input_image", image_url: PNG.url },
          { type: "input_file", filename: "a.pdf", file_data: PDF.url },
          { type: "input_text", text: "Look" },
        ],
      },
      { role: "assistant", content: "Well" },
      { type: "function_call", call_id: "c1", name: "weather", arguments: '{"city":"Rome"}' },
      { type: "function_call", call_id: "c2", name: "weather", arguments: '{"city"' },
      { type: "function_call_output", call_id: "c1", output: "Sunny" },
      { type: "function_call_output", call_id: "c2", output: "Rain" },
      { role: "user", content: "Thanks" },
      { role: "user", content: "And now?" },
    ]);
  });

  it("are Messages'", () => {
    const { path, body, dropped } = DIALECTS.messages.request(CALL);
    expect([path, dropped]).toEqual(["/v1/messages", ["n", "seed"]]);
    expect(body).toMatchObject({
      max_tokens: 50,
      system: "Be brief.",
      temperature: 0.5,
      stop_sequences: ["END"],
      thinking: { type: "adaptive", display: "summarized" },
      output_config: { effort: "low", format: { type: "json_schema", schema: SCHEMA } },
      tool_choice: { type: "tool", name: "weather" },
      tools: [{ name: "weather", input_schema: TOOL.parameters }],
      stream: true,
    });
    expect(body.messages).toEqual([
      {
        role: "user",
        content: [
          { type: "image", source: { type: "base64", media_type: "image/png", data: "QUJD" } },
          {
            type: "document",
            title: "a.pdf",
            source: { type: "base64", media_type: "application/pdf", data: "QUJD" },
          },
          { type: "text", text: "Look" },
        ],
      },
      {
        role: "assistant",
        content: [
          { type: "text", text: "Well" },
          { type: "tool_use", id: "c1", name: "weather", input: { city: "Rome" } },
          { type: "tool_use", id: "c2", name: "weather", input: { invalid_json: '{"city"' } },
        ],
      },
      {
        role: "user",
        content: [
          { type: "tool_result", tool_use_id: "c1", content: "Sunny" },
          { type: "tool_result", tool_use_id: "c2", content: "Rain" },
          { type: "text", text: "Thanks" },
          { type: "text", text: "And now?" },
        ],
      },
    ]);
  });

  it.each(PROTOCOLS)("say nothing in %s that was not set", (protocol) => {
    const { body, dropped } = DIALECTS[protocol].request(ASK);
    expect(dropped).toEqual([]);
    for (const name of [
      "system",
      "instructions",
      "tools",
      "tool_choice",
      "response_format",
      "text",
      "include",
    ]) {
      expect(body).not.toHaveProperty(name);
    }
    const said = [{ role: "user", content: "Hi" }];
    expect(body.messages ?? body.input).toEqual(said);
  });

  it("bound an answer in Messages by what the model can write", () => {
    expect(DIALECTS.messages.request(ASK).body.max_tokens).toBe(4096);
    expect(DIALECTS.messages.request({ ...ASK, maxOutputTokens: 512 }).body.max_tokens).toBe(512);
  });

  it("tell what a protocol has no place for", () => {
    const dropped = (call: Call) => DIALECTS.messages.request(call).dropped;
    expect(dropped({ ...ASK, format: { type: "json_object" } })).toEqual(["response_format"]);
    expect(dropped({ ...ASK, parameters: { service_tier: "flex" } })).toEqual(["service_tier"]);
    expect(
      DIALECTS.messages.request({ ...ASK, parameters: { service_tier: "default" } }).body.service_tier,
    ).toBe("standard_only");
  });

  it("give a protocol back what it had told, and other protocols only what was said", () => {
    const reader = DIALECTS.messages.reader();
    const told = [
      {
        type: "content_block_start",
        index: 0,
        content_block: { type: "thinking", thinking: "", signature: "" },
      },
      { type: "content_block_delta", index: 0, delta: { type: "thinking_delta", thinking: "Hm" } },
      { type: "content_block_delta", index: 0, delta: { type: "signature_delta", signature: "sig" } },
      {
        type: "content_block_start",
        index: 1,
        content_block: { type: "tool_use", id: "c", name: "weather", input: {} },
      },
      { type: "content_block_delta", index: 1, delta: { type: "input_json_delta", partial_json: '{"a":1}' } },
      { type: "message_stop" },
    ];
    const answer = told.reduce(
      (all, each) => grow(all, reader({ type: "", data: JSON.stringify(each) })),
      NO_ANSWER,
    );
    const turns: Turn[] = [...ASK.turns, { role: "assistant", ...answer }];
    expect(DIALECTS.messages.request({ ...ASK, turns }).body.messages).toContainEqual({
      role: "assistant",
      content: [
        { type: "thinking", thinking: "Hm", signature: "sig" },
        { type: "tool_use", id: "c", name: "weather", input: { a: 1 } },
      ],
    });
    expect(DIALECTS.responses.request({ ...ASK, turns }).body.input).toContainEqual({
      type: "function_call",
      call_id: "c",
      name: "weather",
      arguments: '{"a":1}',
    });
  });
});
