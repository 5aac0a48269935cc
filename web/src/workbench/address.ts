/** The workbench's address: its models, protocol and parameters. Never a key; a prompt only where somebody asked. */
import type { Protocol } from "./call";
import { isProtocol } from "./protocols/table";
import { MOST_COLUMNS } from "./state";

interface Place {
  models: readonly string[];
  protocol: Protocol;
  parameters: Readonly<Record<string, unknown>>;
  system: string;
  prompt: string;
}

const OWN = new Set(["model", "protocol", "system", "prompt"]);

/** Names that are no parameters of a request. A key that somebody put there is not taken along. */
const NEVER = new Set(["key", "api_key", "apikey", "token", "authorization", "messages", "input", "stream"]);

export function readPlace(search: string): Place {
  const query = new URLSearchParams(search);
  const protocol = query.get("protocol");
  const others = [...query].filter(([name]) => !OWN.has(name) && !NEVER.has(name.toLowerCase()));
  return {
    models: query
      .getAll("model")
      .filter((model) => model !== "")
      .slice(0, MOST_COLUMNS),
    protocol: isProtocol(protocol) ? protocol : "chat",
    parameters: Object.fromEntries(others.map(([name, text]) => [name, parsed(text)])),
    system: query.get("system") ?? "",
    prompt: query.get("prompt") ?? "",
  };
}

export function writePlace(
  place: Pick<Place, "models" | "protocol" | "parameters"> & Partial<Place>,
): string {
  const query = new URLSearchParams(place.models.map((model) => ["model", model]));
  if (place.protocol !== "chat") query.set("protocol", place.protocol);
  for (const [name, value] of Object.entries(place.parameters)) {
    if (value !== undefined && !OWN.has(name) && !NEVER.has(name)) query.set(name, written(value));
  }
  if (place.system) query.set("system", place.system);
  if (place.prompt) query.set("prompt", place.prompt);
  const text = query.toString().replaceAll("%2F", "/");
  return text === "" ? "" : `?${text}`;
}

/** Numbers, truth values, lists and objects as JSON; any other text is itself. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A text that would be read as something else is written as JSON, too. */
function written(value: unknown): string {
  return typeof value === "string" && parsed(value) === value ? value : JSON.stringify(value);
}
