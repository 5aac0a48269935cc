/** Whether an answer keeps to its response format. In words, without running code. */
import { type Schema, type ValidationResult, Validator } from "@cfworker/json-schema";
import { isRecord } from "../../api/client";
import type { ResponseFormat } from "../call";
import { schemaProblems } from "./schemas";

/** Keywords that only say that something deeper is wrong, which is told itself. */
const OUTER = new Set([
  "properties",
  "items",
  "prefixItems",
  "$ref",
  "allOf",
  "then",
  "else",
  "additionalProperties",
]);
const MOST_TOLD = 20;

/** What is wrong with an answer by its format; nothing when it is right, or when the format asks for nothing. */
export function validate(format: ResponseFormat, text: string): string[] {
  if (format.type === "text") return [];
  const parsed = parsedJson(text);
  if (parsed instanceof SyntaxError) return [`The answer is no JSON: ${parsed.message}`];
  if (format.type === "json_object") return isRecord(parsed) ? [] : ["The answer is JSON, but no object."];
  if (schemaProblems(format.schema).length > 0)
    return ["The schema itself is wrong, so nothing can be checked."];
  return told(new Validator(format.schema as Schema, "2020-12", false).validate(parsed));
}

/** The errors of a validation, each with the place it is at. */
export function told(result: ValidationResult): string[] {
  if (result.valid) return [];
  const inner = result.errors.filter((each) => !OUTER.has(each.keyword));
  const chosen = inner.length > 0 ? inner : result.errors;
  return chosen.slice(0, MOST_TOLD).map(({ instanceLocation, error }) => {
    const place = instanceLocation.replace(/^#\/?/, "");
    return place === "" ? error : `${place}: ${error}`;
  });
}

/** The value that a text is as JSON, or the error. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    return error instanceof SyntaxError ? error : new SyntaxError("It cannot be read.");
  }
}
