/** The one way to the hub's own API: typed by its OpenAPI document, errors as `ApiError`. */
import createClient from "openapi-fetch";
import type { paths } from "./schema";

/** A refusal or failure in the hub's words. `status` is 0 when no answer came. */
export class ApiError extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly code: string | null,
    readonly param: string | null,
    readonly requestId: string | null,
    readonly retryAfterS: number | null,
  ) {
    super(message);
    this.name = "ApiError";
  }
}

/** The session's cookie goes along; the browser itself says that a request comes from this origin. */
export const api = createClient<paths>({ baseUrl: "/", credentials: "same-origin" });

interface Answer<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

/** The data of an answer, which is JSON where other forms are to be had too. Throws ApiError. */
export async function data<Data>(call: Promise<Answer<Data>>): Promise<Exclude<Data, string>> {
  const answer = await call.catch(unreachable);
  if (answer.response.ok) return answer.data as Exclude<Data, string>;
  throw errorOf(answer.response, answer.error);
}

function unreachable(reason: unknown): never {
  if (reason instanceof DOMException && reason.name === "AbortError") throw reason;
  throw noAnswer();
}

export function noAnswer(): ApiError {
  return new ApiError("The hub cannot be reached. Is it running?", 0, "unreachable", null, null, null);
}

/** What an error body of any of the hub's dialects says. */
export function errorOf(response: Response, body: unknown): ApiError {
  const outer = isRecord(body) ? body : {};
  const inner = isRecord(outer.error) ? outer.error : {};
  const wait = Number(response.headers.get("retry-after") ?? Number.NaN);
  return new ApiError(
    text(inner.message) ?? `The hub answered ${response.status}.`,
    response.status,
    text(inner.code) ?? text(inner.type),
    text(inner.param),
    text(inner.request_id) ?? text(outer.request_id) ?? response.headers.get("x-request-id"),
    Number.isFinite(wait) ? wait : null,
  );
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}
