/** Whether a JSON Schema is one, and whether it is as strict as tools and formats may ask for. In words. */
import { isRecord } from "../../api/client";

const TYPES = ["array", "boolean", "integer", "null", "number", "object", "string"];
const ONE_SCHEMA = [
  "not",
  "if",
  "then",
  "else",
  "items",
  "contains",
  "additionalProperties",
  "propertyNames",
];
const SCHEMA_LISTS = ["allOf", "anyOf", "oneOf", "prefixItems"];
const SCHEMA_MAPS = ["properties", "patternProperties", "$defs", "definitions", "dependentSchemas"];
const NUMBERS = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"];
const COUNTS = ["minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"];

/** What is wrong with a JSON Schema, each with its place; `root` is what its references lead into. */
export function schemaProblems(schema: unknown, place = "", root = schema): string[] {
  if (typeof schema === "boolean") return [];
  const at = (text: string, key = "") => [
    `${[place, key].filter(Boolean).join("/") || "The schema"}: ${text}`,
  ];
  if (!isRecord(schema)) return at("must be an object");
  const below = (key: string, value: unknown) =>
    schemaProblems(value, [place, key].filter(Boolean).join("/"), root);
  return Object.entries(schema).flatMap(([key, value]) => {
    if (key === "type") return typeKnown(value) ? [] : at(`must be one of ${TYPES.join(", ")}`, key);
    if (key === "enum")
      return Array.isArray(value) && value.length > 0 ? [] : at("must be a list of values", key);
    if (key === "required") return isTexts(value) ? [] : at("must be a list of names", key);
    if (key === "pattern") return isPattern(value) ? [] : at("is no regular expression", key);
    if (key === "$ref") return leads(root, value) ? [] : at("leads nowhere in this schema", key);
    if (NUMBERS.includes(key)) return typeof value === "number" ? [] : at("must be a number", key);
    if (COUNTS.includes(key)) return isCount(value) ? [] : at("must be a whole number from 0", key);
    if (ONE_SCHEMA.includes(key)) return below(key, value);
    if (SCHEMA_LISTS.includes(key)) {
      if (!Array.isArray(value) || value.length === 0) return at("must be a list of schemas", key);
      return value.flatMap((each, index) => below(`${key}/${index}`, each));
    }
    if (SCHEMA_MAPS.includes(key)) {
      if (!isRecord(value)) return at("must be an object of schemas", key);
      return Object.entries(value).flatMap(([name, each]) => below(`${key}/${name}`, each));
    }
    return [];
  });
}

/** What `strict` asks for beyond a valid schema: every object closed, and all of its properties required. */
export function strictProblems(schema: unknown, place = ""): string[] {
  if (Array.isArray(schema))
    return schema.flatMap((each, index) => strictProblems(each, `${place}/${index}`));
  if (!isRecord(schema)) return [];
  const found: string[] = [];
  if (isRecord(schema.properties) || schema.type === "object") {
    const name = place.replace(/^\//, "") || "The schema";
    if (schema.additionalProperties !== false)
      found.push(`${name}: strict needs "additionalProperties": false`);
    const required = Array.isArray(schema.required) ? schema.required : [];
    const optional = Object.keys(isRecord(schema.properties) ? schema.properties : {}).filter(
      (each) => !required.includes(each),
    );
    if (optional.length > 0) found.push(`${name}: strict needs ${optional.join(", ")} in "required"`);
  }
  const inner = [...SCHEMA_MAPS.flatMap((key) => entriesOf(schema[key], key)), ...innerSchemas(schema)];
  return [...found, ...inner.flatMap(([key, each]) => strictProblems(each, `${place}/${key}`))];
}

function entriesOf(value: unknown, key: string): [string, unknown][] {
  return isRecord(value) ? Object.entries(value).map(([name, each]) => [`${key}/${name}`, each]) : [];
}

function innerSchemas(schema: Record<string, unknown>): [string, unknown][] {
  return [...ONE_SCHEMA, ...SCHEMA_LISTS].filter((key) => key in schema).map((key) => [key, schema[key]]);
}

function typeKnown(value: unknown): boolean {
  const types = Array.isArray(value) ? value : [value];
  return types.length > 0 && types.every((each) => TYPES.includes(String(each)));
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}

function isCount(value: unknown): boolean {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function isPattern(value: unknown): boolean {
  try {
    return typeof value === "string" && new RegExp(value, "u") !== null;
  } catch {
    return false;
  }
}

/** Only references within the schema itself can be followed. */
function leads(root: unknown, reference: unknown): boolean {
  if (typeof reference !== "string") return false;
  if (!reference.startsWith("#")) return false;
  let found: unknown = root;
  for (const step of reference.slice(1).split("/").filter(Boolean)) {
    const name = decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~");
    found = isRecord(found) ? found[name] : Array.isArray(found) ? found[Number(name)] : undefined;
  }
  return found !== undefined;
}
