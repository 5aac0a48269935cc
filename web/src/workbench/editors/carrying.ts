/** Which parameters each protocol has a field for. Their names are those of the request schema, which is Chat's. */
import type { Protocol } from "../call";

const SHARED = [
  "temperature",
  "top_p",
  "max_tokens",
  "max_completion_tokens",
  "reasoning_effort",
  "parallel_tool_calls",
  "service_tier",
  "user",
  "safety_identifier",
];

const CARRIED: Record<Exclude<Protocol, "chat">, ReadonlySet<string>> = {
  responses: new Set([
    ...SHARED,
    "verbosity",
    "frequency_penalty",
    "presence_penalty",
    "logprobs",
    "top_logprobs",
    "prompt_cache_key",
    "store",
    "metadata",
  ]),
  messages: new Set([...SHARED, "top_k", "stop"]),
};

export const PROTOCOL_NAMES: Record<Protocol, string> = {
  chat: "Chat Completions",
  responses: "Responses",
  messages: "Messages",
};

export function carries(protocol: Protocol, name: string): boolean {
  return protocol === "chat" || CARRIED[protocol].has(name);
}

/** Why a parameter cannot be sent, or null when it can. */
export function whyNotCarried(protocol: Protocol, name: string): string | null {
  if (carries(protocol, name)) return null;
  return `${PROTOCOL_NAMES[protocol]} has no field for this, so it is not sent.`;
}
