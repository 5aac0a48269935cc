/** Chat Completions: requests and streams. */
import type { Attachment, Call, ToolChoice, Turn } from "../call";
import { base64, isEmpty, isImage, placeParameters, type Shaped } from "./request";
import { costs, type Delta, fault, list, number, object, type Reader, record, said, string } from "./stream";

/** A column shows one answer, so `n` has no place here. */
const PLACES = { n: null } as const;

export function request(call: Call): Shaped {
  const body: Record<string, unknown> = { model: call.model, messages: messages(call) };
  const dropped = placeParameters(call, body, PLACES, "pass");
  if (call.tools.length > 0) {
    body.tools = call.tools.map(({ name, description, parameters, strict }) => ({
      type: "function",
      function: { name, ...(description && { description }), parameters, ...(strict && { strict }) },
    }));
    if (call.toolChoice !== null) body.tool_choice = toolChoice(call.toolChoice);
  }
  if (call.format.type === "json_object") body.response_format = { type: "json_object" };
  if (call.format.type === "json_schema") {
    const { type, ...schema } = call.format;
    body.response_format = { type, json_schema: schema };
  }
  return {
    path: "/v1/chat/completions",
    body: { ...body, stream: true, stream_options: { include_usage: true } },
    dropped,
  };
}

function toolChoice(choice: ToolChoice) {
  return typeof choice === "string" ? choice : { type: "function", function: { name: choice.name } };
}

function messages(call: Call): unknown[] {
  const system = call.system.trim() === "" ? [] : [{ role: "system", content: call.system }];
  return [...system, ...call.turns.filter((turn) => !isEmpty(turn)).map(message)];
}

function message(turn: Turn): unknown {
  if (turn.role === "tool") return { role: "tool", tool_call_id: turn.callId, content: turn.text };
  if (turn.role === "user") return { role: "user", content: content(turn.text, turn.attachments) };
  const calls = turn.toolCalls.map((call) => ({
    id: call.id,
    type: "function",
    function: { name: call.name, arguments: call.arguments },
  }));
  return { role: "assistant", content: turn.text || null, ...(calls.length > 0 && { tool_calls: calls }) };
}

function content(text: string, attachments: readonly Attachment[]): unknown {
  if (attachments.length === 0) return text;
  return [...attachments.map(part), ...(text === "" ? [] : [{ type: "text", text }])];
}

function part(attachment: Attachment): unknown {
  if (isImage(attachment.mediaType)) return { type: "image_url", image_url: { url: attachment.url } };
  if (attachment.mediaType.startsWith("audio/")) {
    const format = /mpeg|mp3/.test(attachment.mediaType) ? "mp3" : "wav";
    return { type: "input_audio", input_audio: { data: base64(attachment.url), format } };
  }
  return { type: "file", file: { filename: attachment.name, file_data: attachment.url } };
}

export function reader(): Reader {
  return (event) => {
    if (event.data === "[DONE]") return [{ kind: "end" }];
    const chunk = object(event);
    if (chunk === null) return [];
    if (chunk.error != null) return [fault(chunk.error)];
    const [choice] = list(chunk.choices).map(record);
    const told: Delta[] = choice === undefined ? [] : deltas(record(choice.delta));
    if (typeof choice?.finish_reason === "string")
      told.push({ kind: "finish", reason: choice.finish_reason });
    if (chunk.usage != null) told.push({ kind: "usage", usage: usage(record(chunk.usage)) });
    return told;
  };
}

function deltas(delta: Record<string, unknown>): Delta[] {
  return [
    ...said("reasoning", delta.reasoning_content ?? delta.reasoning),
    ...said("text", delta.content),
    ...said("text", delta.refusal),
    ...list(delta.tool_calls).map((each): Delta => {
      const call = record(each);
      const named = record(call.function);
      return {
        kind: "tool",
        key: String(call.index ?? 0),
        ...(typeof call.id === "string" && { id: call.id }),
        ...(typeof named.name === "string" && { name: named.name }),
        arguments: string(named.arguments),
      };
    }),
  ];
}

function usage(told: Record<string, unknown>) {
  return {
    inputTokens: number(told.prompt_tokens),
    outputTokens: number(told.completion_tokens),
    cachedTokens: number(record(told.prompt_tokens_details).cached_tokens),
    reasoningTokens: number(record(told.completion_tokens_details).reasoning_tokens),
    ...costs(told),
  };
}
