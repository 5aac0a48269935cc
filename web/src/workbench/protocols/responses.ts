/** Responses: requests and streams. The whole conversation goes along each time; nothing is stored for it. */
import type { Attachment, Call, ToolChoice, Turn } from "../call";
import { carriedFor, isEmpty, isImage, placeParameters, put, type Shaped } from "./request";
import { costs, type Delta, fault, list, number, object, type Reader, record, said, string } from "./stream";

const PROTOCOL = "responses";

const PLACES: Parameters<typeof placeParameters>[2] = {
  temperature: "temperature",
  top_p: "top_p",
  max_completion_tokens: "max_output_tokens",
  max_tokens: "max_output_tokens",
  frequency_penalty: "frequency_penalty",
  presence_penalty: "presence_penalty",
  top_logprobs: "top_logprobs",
  logprobs: (body, value) => {
    if (value === true) include(body, "message.output_text.logprobs");
  },
  reasoning_effort: (body, value) => {
    put(body, "reasoning.effort", value);
    if (value !== "none") put(body, "reasoning.summary", "auto");
  },
  verbosity: "text.verbosity",
  parallel_tool_calls: "parallel_tool_calls",
  service_tier: "service_tier",
  user: "safety_identifier",
  safety_identifier: "safety_identifier",
  prompt_cache_key: "prompt_cache_key",
  prompt_cache_retention: "prompt_cache_retention",
  metadata: "metadata",
  store: "store",
};

export function request(call: Call): Shaped {
  const body: Record<string, unknown> = { model: call.model };
  if (call.system.trim() !== "") body.instructions = call.system;
  body.input = call.turns.filter((turn) => !isEmpty(turn)).flatMap(items);
  const dropped = placeParameters(call, body, PLACES, "drop");
  if (call.tools.length > 0) {
    body.tools = call.tools.map(({ name, description, parameters, strict }) => ({
      type: "function",
      name,
      ...(description && { description }),
      parameters,
      strict,
    }));
    if (call.toolChoice !== null) body.tool_choice = toolChoice(call.toolChoice);
  }
  if (call.format.type !== "text") put(body, "text.format", call.format);
  if (call.thinks) include(body, "reasoning.encrypted_content");
  return { path: "/v1/responses", body: { store: false, ...body, stream: true }, dropped };
}

function include(body: Record<string, unknown>, name: string): void {
  body.include = [...list(body.include), name];
}

function toolChoice(choice: ToolChoice) {
  return typeof choice === "string" ? choice : { type: "function", name: choice.name };
}

function items(turn: Turn): unknown[] {
  if (turn.role === "tool")
    return [{ type: "function_call_output", call_id: turn.callId, output: turn.text }];
  if (turn.role === "user") {
    if (turn.attachments.length === 0) return [{ role: "user", content: turn.text }];
    const text = turn.text === "" ? [] : [{ type: "input_text", text: turn.text }];
    return [{ role: "user", content: [...turn.attachments.map(part), ...text] }];
  }
  const carried = carriedFor(turn, PROTOCOL);
  if (carried !== null) return [...carried];
  return [
    ...(turn.text === "" ? [] : [{ role: "assistant", content: turn.text }]),
    ...turn.toolCalls.map((call) => ({
      type: "function_call",
      call_id: call.id,
      name: call.name,
      arguments: call.arguments,
    })),
  ];
}

function part(attachment: Attachment): unknown {
  if (isImage(attachment.mediaType)) return { type: "input_image", image_url: attachment.url };
  return { type: "input_file", filename: attachment.name, file_data: attachment.url };
}

export function reader(): Reader {
  let called = false;
  let summarised = false;
  return (event) => {
    const told = object(event);
    if (told === null) return [];
    const response = record(told.response);
    switch (told.type) {
      case "response.output_text.delta":
      case "response.refusal.delta":
        return said("text", told.delta);
      case "response.reasoning_text.delta":
      case "response.reasoning_summary_text.delta":
        summarised = true;
        return said("reasoning", told.delta);
      case "response.reasoning_summary_part.added":
        return summarised ? said("reasoning", "\n\n") : [];
      case "response.output_item.added": {
        const item = record(told.item);
        if (item.type !== "function_call") return [];
        called = true;
        return [
          {
            kind: "tool",
            key: String(told.output_index),
            id: string(item.call_id),
            name: string(item.name),
            arguments: string(item.arguments),
          },
        ];
      }
      case "response.function_call_arguments.delta":
        return [{ kind: "tool", key: String(told.output_index), arguments: string(told.delta) }];
      case "response.completed":
      case "response.incomplete":
        return ended(response, called);
      case "response.failed":
        return [...usageOf(response), fault(response.error, told.request_id)];
      case "error":
        return [fault(told.error ?? told, told.request_id)];
      default:
        return [];
    }
  };
}

function ended(response: Record<string, unknown>, called: boolean): Delta[] {
  const why = string(record(response.incomplete_details).reason);
  const reason = why === "max_output_tokens" ? "length" : why || (called ? "tool_calls" : "stop");
  const output = list(response.output).filter(isReplayed);
  return [
    ...usageOf(response),
    { kind: "finish", reason },
    { kind: "carried", value: { protocol: PROTOCOL, items: output } },
    { kind: "end" },
  ];
}

/** Reasoning that came without its encrypted form cannot be given back: nobody has stored it. */
function isReplayed(item: unknown): boolean {
  const told = record(item);
  return told.type !== "reasoning" || string(told.encrypted_content) !== "";
}

function usageOf(response: Record<string, unknown>): Delta[] {
  if (response.usage == null) return [];
  const told = record(response.usage);
  const usage = {
    inputTokens: number(told.input_tokens),
    outputTokens: number(told.output_tokens),
    cachedTokens: number(record(told.input_tokens_details).cached_tokens),
    reasoningTokens: number(record(told.output_tokens_details).reasoning_tokens),
    ...costs(told),
  };
  return [{ kind: "usage", usage }];
}
