/** Tools as they are named, checked, and read from JSON in OpenAI's or Anthropic's form. */
import { isRecord } from "../../api/client";
import type { Tool, ToolChoice } from "../call";
import { schemaProblems, strictProblems } from "./schemas";
import { parsedJson } from "./validation";

const NAME = /^[A-Za-z0-9_-]{1,64}$/;

export function nameProblem(name: string, others: readonly string[]): string | null {
  if (name === "") return "A tool needs a name.";
  if (!NAME.test(name)) return "Letters, digits, _ and - only, at most 64 of them.";
  return others.includes(name) ? "Another tool has this name." : null;
}

/** All that is wrong with a tool's parameters. */
export function parameterProblems({ parameters, strict }: Tool): string[] {
  const found = schemaProblems(parameters);
  if (parameters.type !== "object") found.unshift('type: arguments are an object, so it must be "object"');
  return found.length > 0 || !strict ? found : strictProblems(parameters);
}

export function namesBut(tools: readonly Tool[], index: number): string[] {
  return tools.filter((_, other) => other !== index).map((tool) => tool.name);
}

/**
 * The tools that a pasted text holds: one, a list, or a whole request with `tools`.
 * Throws Error in words for the person who pasted it.
 */
export function readTools(text: string): Tool[] {
  const parsed = parsedJson(text);
  if (parsed instanceof SyntaxError) throw new Error(`This is no JSON: ${parsed.message}`);
  const list = isRecord(parsed) && Array.isArray(parsed.tools) ? parsed.tools : parsed;
  const found = (Array.isArray(list) ? list : [list]).map(readTool);
  if (found.length === 0) throw new Error("The list is empty.");
  return found;
}

/** A choice that names a tool which is gone falls back to the model's own. */
export function choiceAmong(tools: readonly Tool[], choice: ToolChoice | null): ToolChoice | null {
  if (tools.length === 0) return null;
  if (choice === null || typeof choice === "string") return choice;
  return tools.some((tool) => tool.name === choice.name) ? choice : null;
}

function readTool(value: unknown): Tool {
  if (!isRecord(value)) throw new Error("A tool is an object with a name.");
  const inner = isRecord(value.function) ? value.function : value;
  if (typeof inner.name !== "string") {
    const type = typeof value.type === "string" ? ` of type ${value.type}` : "";
    throw new Error(`A tool${type} has no name. Only functions can be called here.`);
  }
  const parameters = inner.parameters ?? inner.input_schema ?? { type: "object", properties: {} };
  if (!isRecord(parameters)) throw new Error(`The parameters of ${inner.name} are no JSON Schema.`);
  return {
    name: inner.name,
    description: typeof inner.description === "string" ? inner.description : "",
    parameters,
    strict: inner.strict === true,
  };
}

function template(name: string, description: string, properties: Record<string, unknown>): Tool {
  return {
    name,
    description,
    parameters: {
      type: "object",
      properties,
      required: Object.keys(properties),
      additionalProperties: false,
    },
    strict: false,
  };
}

export const TEMPLATES: readonly { label: string; tool: Tool }[] = [
  {
    label: "Weather",
    tool: template("get_weather", "The weather at a place, now.", {
      city: { type: "string", description: "Name of the city" },
      unit: { type: "string", enum: ["celsius", "fahrenheit"] },
    }),
  },
  {
    label: "Search",
    tool: template("search", "Search the documents and return the best passages.", {
      query: { type: "string", description: "Words to look for" },
      most: { type: "integer", minimum: 1, maximum: 20, description: "How many passages at most" },
    }),
  },
  {
    label: "Calculator",
    tool: template("calculate", "The value of an arithmetic expression.", {
      expression: { type: "string", description: "Such as (2 + 3) * 4" },
    }),
  },
  { label: "Empty tool", tool: template("my_tool", "", {}) },
];
