/**
 * One call as the workbench holds it, whatever protocol it is sent in. Names of parameters are those of the model's
 * request schema, which is Chat Completions'.
 */
export type Protocol = "chat" | "responses" | "messages";

export interface Attachment {
  id: string;
  name: string;
  mediaType: string;
  /** `data:` URL of the whole file. */
  url: string;
  bytes: number;
}

export interface Tool {
  name: string;
  description: string;
  /** JSON Schema of the arguments. */
  parameters: Record<string, unknown>;
  strict: boolean;
}

export type ToolChoice = "auto" | "none" | "required" | { name: string };

export type ResponseFormat =
  | { type: "text" }
  | { type: "json_object" }
  | { type: "json_schema"; name: string; schema: Record<string, unknown>; strict: boolean };

export interface ToolCall {
  id: string;
  name: string;
  /** As the model wrote it: JSON, or what it took for it. */
  arguments: string;
}

export type Turn =
  | { role: "user"; text: string; attachments: readonly Attachment[] }
  | {
      role: "assistant";
      text: string;
      reasoning: string;
      toolCalls: readonly ToolCall[];
      /** What the protocol wants back as it came: signed reasoning, output items. Good for the same protocol only. */
      carried?: unknown;
    }
  | { role: "tool"; callId: string; name: string; text: string };

export interface Call {
  model: string;
  protocol: Protocol;
  system: string;
  turns: readonly Turn[];
  parameters: Readonly<Record<string, unknown>>;
  tools: readonly Tool[];
  toolChoice: ToolChoice | null;
  format: ResponseFormat;
  /** Whether the model thinks before it answers, where that is known. */
  thinks?: boolean;
  /** The most that the model writes, where that is known. */
  maxOutputTokens?: number | null;
}
