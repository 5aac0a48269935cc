/** A model's request schema as the fields of a form. What has an editor of its own is no field. */
import { type Schema, Validator } from "@cfworker/json-schema";
import { isRecord } from "../../api/client";
import { told } from "./validation";

type Kind = "number" | "integer" | "choice" | "boolean" | "text" | "texts" | "set" | "json";

export interface Field {
  name: string;
  title: string;
  help: string;
  kind: Kind;
  /** Shown without unfolding anything. */
  basic: boolean;
  /** Values to choose from, for `choice` and `set`. */
  choices: readonly string[];
  minimum: number | null;
  maximum: number | null;
  /** How many entries a list takes, or characters a text. */
  most: number | null;
  /** What the model does when nothing is set; undefined where the schema does not say. */
  preset: unknown;
  /** What is taken, for values that no simpler rule checks. */
  schema: Record<string, unknown>;
}

const ELSEWHERE = new Set([
  "model",
  "messages",
  "input",
  "stream",
  "stream_options",
  "tools",
  "tool_choice",
  "response_format",
]);

/** Basic fields in the order in which the schema names them, then the others in their own order. */
export function fieldsOf(schema: Record<string, unknown>): Field[] {
  const properties = isRecord(schema.properties) ? schema.properties : {};
  const basic = Array.isArray(schema.basic) ? schema.basic.map(String) : [];
  const place = (name: string) => {
    const index = basic.indexOf(name);
    return index === -1 ? basic.length : index;
  };
  return Object.entries(properties)
    .filter((entry): entry is [string, Record<string, unknown>] => isRecord(entry[1]))
    .filter(([name, property]) => !ELSEWHERE.has(name) && property.deprecated !== true)
    .sort(([a, left], [b, right]) => place(a) - place(b) || order(left) - order(right))
    .map(([name, property]) => fieldOf(name, property, basic.includes(name), schema.$defs));
}

/** What is wrong with a value, or null. A value that is not set is never wrong. */
export function problem(field: Field, value: unknown): string | null {
  if (value === undefined || value === null) return null;
  switch (field.kind) {
    case "number":
    case "integer":
      return numberProblem(field, value);
    case "choice":
      return field.choices.includes(String(value)) ? null : `This model takes ${listed(field.choices)}.`;
    case "set":
      return Array.isArray(value) && value.every((each) => field.choices.includes(String(each)))
        ? null
        : `This model takes ${listed(field.choices)}.`;
    case "texts":
      return textsProblem(field, value);
    case "text":
      if (typeof value !== "string") return "Give a text.";
      return field.most !== null && value.length > field.most ? `At most ${field.most} characters.` : null;
    case "boolean":
      return typeof value === "boolean" ? null : "Choose on or off.";
    case "json":
      return told(new Validator(field.schema as Schema, "2020-12", false).validate(value))[0] ?? null;
  }
}

/** The bounds of a number in words, or null where there are none worth telling. */
export function bounds({ minimum, maximum }: Field): string | null {
  if (minimum !== null && maximum !== null) return `${shown(minimum)} to ${shown(maximum)}`;
  if (minimum !== null) return `at least ${shown(minimum)}`;
  return maximum === null ? null : `at most ${shown(maximum)}`;
}

function fieldOf(name: string, property: Record<string, unknown>, basic: boolean, defs: unknown): Field {
  const types = typesOf(property);
  const items = isRecord(property.items) ? property.items : {};
  const choices = (values: unknown) =>
    Array.isArray(values) ? values.filter((each) => each !== null).map(String) : [];
  const kind = kindOf(types, property, items);
  return {
    name,
    title: typeof property.title === "string" ? property.title : name,
    help: typeof property.description === "string" ? property.description : "",
    kind,
    basic,
    choices: choices(kind === "set" ? items.enum : property.enum),
    minimum: bound(property.minimum),
    maximum: bound(property.maximum),
    most: bound(kind === "text" ? property.maxLength : property.maxItems),
    preset: property.default,
    schema: defs === undefined ? property : { ...property, $defs: defs },
  };
}

function kindOf(types: string[], property: Record<string, unknown>, items: Record<string, unknown>): Kind {
  if (types.includes("array") && items.type === "string" && types.every((each) => /array|string/.test(each)))
    return "texts";
  if (types.includes("array") && Array.isArray(items.enum)) return "set";
  const [only, ...others] = types;
  if (others.length > 0) return "json";
  if (only === "number" || only === "integer" || only === "boolean") return only;
  if (only === "string") return Array.isArray(property.enum) ? "choice" : "text";
  return "json";
}

function typesOf(property: Record<string, unknown>): string[] {
  const types = Array.isArray(property.type) ? property.type : [property.type];
  return types.filter((each): each is string => typeof each === "string" && each !== "null");
}

/** A bound beyond what numbers here hold exactly, such as that of 64-bit integers, bounds nothing. */
function bound(value: unknown): number | null {
  return typeof value === "number" && Math.abs(value) <= Number.MAX_SAFE_INTEGER ? value : null;
}

function order(property: Record<string, unknown>): number {
  const place = property["x-order"];
  return typeof place === "number" ? place : Number.MAX_SAFE_INTEGER;
}

function numberProblem(field: Field, value: unknown): string | null {
  const whole = field.kind === "integer";
  if (typeof value !== "number" || !Number.isFinite(value))
    return whole ? "Give a whole number." : "Give a number.";
  if (whole && !Number.isSafeInteger(value)) return "Give a whole number.";
  const outside = (field.minimum ?? value) > value || (field.maximum ?? value) < value;
  return outside ? `Must be ${bounds(field)}.` : null;
}

function textsProblem(field: Field, value: unknown): string | null {
  const texts = Array.isArray(value) ? value : [value];
  if (!texts.every((each) => typeof each === "string")) return "Give texts.";
  return field.most !== null && texts.length > field.most ? `At most ${field.most}.` : null;
}

function listed(choices: readonly string[]): string {
  return choices.length < 2
    ? choices.join("")
    : `${choices.slice(0, -1).join(", ")} or ${choices[choices.length - 1]}`;
}

function shown(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 6 });
}
