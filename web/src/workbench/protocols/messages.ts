/** Messages, Anthropic's protocol: requests and streams. */
import type { Attachment, Call, ToolChoice, Turn } from "../call";
import {
  argumentsObject,
  base64,
  carriedFor,
  decoded,
  isEmpty,
  isImage,
  placeParameters,
  put,
  type Shaped,
} from "./request";
import { costs, type Delta, fault, number, object, type Reader, record, said, string } from "./stream";

const PROTOCOL = "messages";

/** The protocol wants a bound; this one holds where none was set. */
const MAX_TOKENS = 4096;

const TIERS: Readonly<Record<string, string>> = { auto: "auto", default: "standard_only" };

const PLACES: Parameters<typeof placeParameters>[2] = {
  temperature: "temperature",
  top_p: "top_p",
  top_k: "top_k",
  max_completion_tokens: "max_tokens",
  max_tokens: "max_tokens",
  stop: (body, value) => put(body, "stop_sequences", typeof value === "string" ? [value] : value),
  reasoning_effort: (body, value) => {
    if (value === "none") put(body, "thinking.type", "disabled");
    else {
      put(body, "thinking", { type: "adaptive", display: "summarized" });
      put(body, "output_config.effort", value === "minimal" ? "low" : value);
    }
  },
  parallel_tool_calls: (body, value, call) => {
    if (value === false && call.tools.length > 0) put(body, "tool_choice.disable_parallel_tool_use", true);
  },
  service_tier: (body, value) => {
    const tier = TIERS[String(value)];
    if (tier === undefined) return false;
    put(body, "service_tier", tier);
  },
  user: "metadata.user_id",
  safety_identifier: "metadata.user_id",
};

export function request(call: Call): Shaped {
  const body: Record<string, unknown> = { model: call.model, max_tokens: bound(call) };
  if (call.system.trim() !== "") body.system = call.system;
  body.messages = messages(call.turns.filter((turn) => !isEmpty(turn)));
  if (call.tools.length > 0) {
    body.tools = call.tools.map(({ name, description, parameters, strict }) => ({
      name,
      ...(description && { description }),
      input_schema: parameters,
      ...(strict && { strict }),
    }));
    const parallel = call.parameters.parallel_tool_calls;
    if (call.toolChoice !== null || parallel === false)
      body.tool_choice = toolChoice(call.toolChoice ?? "auto");
  }
  const dropped = placeParameters(call, body, PLACES, "drop");
  if (call.format.type === "json_object") dropped.push("response_format");
  if (call.format.type === "json_schema") {
    put(body, "output_config.format", { type: "json_schema", schema: call.format.schema });
  }
  return { path: "/v1/messages", body: { ...body, stream: true }, dropped };
}

function bound(call: Call): number {
  return Math.min(MAX_TOKENS, call.maxOutputTokens ?? MAX_TOKENS);
}

function toolChoice(choice: ToolChoice): Record<string, unknown> {
  if (typeof choice !== "string") return { type: "tool", name: choice.name };
  return { type: choice === "required" ? "any" : choice };
}

/** Results of tools stand at the head of the user's turn that follows them. */
function messages(turns: readonly Turn[]): unknown[] {
  const sent: { role: string; content: unknown[] }[] = [];
  for (const turn of turns) {
    const role = turn.role === "assistant" ? "assistant" : "user";
    const last = sent.at(-1);
    if (last?.role === role) last.content.push(...blocks(turn));
    else sent.push({ role, content: blocks(turn) });
  }
  return sent.map(({ role, content }) => ({ role, content: plain(content) }));
}

/** One block of text is written as the text itself, as everybody writes it. */
function plain(content: unknown[]): unknown {
  const [only, ...others] = content.map(record);
  return only?.type === "text" && others.length === 0 ? only.text : content;
}

function blocks(turn: Turn): unknown[] {
  if (turn.role === "tool") return [{ type: "tool_result", tool_use_id: turn.callId, content: turn.text }];
  const text = turn.text === "" ? [] : [{ type: "text", text: turn.text }];
  if (turn.role === "user") return [...turn.attachments.map(part), ...text];
  const carried = carriedFor(turn, PROTOCOL);
  if (carried !== null) return [...carried];
  const calls = turn.toolCalls.map((call) => ({
    type: "tool_use",
    id: call.id,
    name: call.name,
    input: argumentsObject(call),
  }));
  return [...text, ...calls];
}

function part(attachment: Attachment): unknown {
  const { mediaType, url, name } = attachment;
  if (isImage(mediaType)) {
    return { type: "image", source: { type: "base64", media_type: mediaType, data: base64(url) } };
  }
  const source = mediaType.startsWith("text/")
    ? { type: "text", media_type: "text/plain", data: decoded(url) }
    : { type: "base64", media_type: mediaType, data: base64(url) };
  return { type: "document", title: name, source };
}

export function reader(): Reader {
  const content: Record<string, unknown>[] = [];
  return (event) => {
    const told = object(event);
    if (told === null) return [];
    const index = number(told.index) ?? 0;
    switch (told.type) {
      case "content_block_start":
        content[index] = { ...record(told.content_block) };
        return started(content[index], index);
      case "content_block_delta":
        return grown(content, index, record(told.delta));
      case "message_delta":
        return [
          { kind: "usage", usage: usage(record(told.usage)) },
          { kind: "finish", reason: finish(string(record(told.delta).stop_reason)) },
        ];
      case "message_stop":
        return [{ kind: "carried", value: { protocol: PROTOCOL, items: carried(content) } }, { kind: "end" }];
      case "error":
        return [fault(told.error, told.request_id)];
      default:
        return [];
    }
  };
}

function started(block: Record<string, unknown> | undefined, index: number): Delta[] {
  if (block?.type === "text") return said("text", block.text);
  if (block?.type === "thinking") return said("reasoning", block.thinking);
  if (block?.type !== "tool_use") return [];
  block.input = "";
  return [
    { kind: "tool", key: String(index), id: string(block.id), name: string(block.name), arguments: "" },
  ];
}

/** Keeps the block as it grows, for the next turn, and tells what has come. */
function grown(content: Record<string, unknown>[], index: number, delta: Record<string, unknown>): Delta[] {
  const block = content[index] ?? {};
  const add = (name: string, more: unknown) => {
    block[name] = string(block[name]) + string(more);
  };
  switch (delta.type) {
    case "text_delta":
      add("text", delta.text);
      return said("text", delta.text);
    case "thinking_delta":
      add("thinking", delta.thinking);
      return said("reasoning", delta.thinking);
    case "signature_delta":
      add("signature", delta.signature);
      return [];
    case "input_json_delta":
      add("input", delta.partial_json);
      return [{ kind: "tool", key: String(index), arguments: string(delta.partial_json) }];
    default:
      return [];
  }
}

/** The blocks that the next turn gives back: thinking only with its signature, calls with their input as an object. */
function carried(content: readonly Record<string, unknown>[]): unknown[] {
  return content.filter(isReplayed).map((block) => {
    if (block.type !== "tool_use") return block;
    const call = { id: string(block.id), name: string(block.name), arguments: string(block.input) };
    return { ...block, input: argumentsObject(call) };
  });
}

function isReplayed(block: Record<string, unknown>): boolean {
  if (block.type === "thinking") return string(block.signature) !== "";
  return block.type !== "text" || string(block.text) !== "";
}

const FINISHES: Readonly<Record<string, string>> = {
  end_turn: "stop",
  stop_sequence: "stop",
  max_tokens: "length",
  tool_use: "tool_calls",
};

function finish(reason: string): string {
  return FINISHES[reason] ?? (reason || "stop");
}

/** Cached input is not counted in `input_tokens` here; elsewhere it is, and so it is shown. */
function usage(told: Record<string, unknown>) {
  const cached = number(told.cache_read_input_tokens);
  const written = number(told.cache_creation_input_tokens);
  const input = number(told.input_tokens);
  return {
    inputTokens: input === null ? null : input + (cached ?? 0) + (written ?? 0),
    outputTokens: number(told.output_tokens),
    cachedTokens: cached,
    reasoningTokens: number(record(told.output_tokens_details).thinking_tokens),
    ...costs(told),
  };
}
