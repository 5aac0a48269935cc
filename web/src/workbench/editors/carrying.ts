/** Whether a protocol has a place for a parameter: what its own requests leave out is what it cannot carry. */
import type { Call, Protocol } from "../call";
import { DIALECTS } from "../protocols/table";

const NAMES: Record<Protocol, string> = {
  chat: "Chat Completions",
  responses: "Responses",
  messages: "Messages",
};
const EMPTY: Omit<Call, "protocol" | "parameters"> = {
  model: "",
  system: "",
  turns: [],
  tools: [],
  toolChoice: null,
  format: { type: "text" },
};

/** Why a parameter cannot be sent, or null when it can. Some are carried with some of their values only. */
export function whyNotCarried(protocol: Protocol, name: string, value: unknown): string | null {
  if (carries(protocol, name, value)) return null;
  if (!carries("chat", name, value))
    return "The workbench shows one answer to each call, so this is not sent.";
  return value !== undefined && carries(protocol, name, undefined)
    ? `${NAMES[protocol]} has no such value, so this is not sent.`
    : `${NAMES[protocol]} has no place for this, so it is not sent.`;
}

function carries(protocol: Protocol, name: string, value: unknown): boolean {
  const call: Call = { ...EMPTY, protocol, parameters: { [name]: value ?? "auto" } };
  return !DIALECTS[protocol].request(call).dropped.includes(name);
}
