/** Calls as they will be sent, for the editors that tell their cost and their code. */
export interface SentCall {
  /** Route that takes it. */
  path: string;
  body: Readonly<Record<string, unknown>>;
  model: string;
}

type WireProtocol = "openai_chat" | "openai_responses" | "anthropic_messages" | "openai_embeddings";

/** The protocol's name in the hub's own API. */
export function protocolOf(path: string): WireProtocol {
  if (path.endsWith("/responses")) return "openai_responses";
  if (path.endsWith("/messages")) return "anthropic_messages";
  return path.endsWith("/embeddings") ? "openai_embeddings" : "openai_chat";
}

export interface SameCall {
  path: string;
  body: Readonly<Record<string, unknown>>;
  models: readonly string[];
}

/** Calls that differ by their model alone, together. */
export function grouped(calls: readonly SentCall[]): SameCall[] {
  const groups = new Map<string, SameCall>();
  for (const { path, body, model } of calls) {
    const place = `${path} ${JSON.stringify({ ...body, model: null })}`;
    const group = groups.get(place);
    groups.set(place, { path, body, models: [...(group?.models ?? []), model] });
  }
  return [...groups.values()];
}
