/** Where in the application models are found. */
import type { FacetName } from "./filters";

export const MOST_COMPARED = 6;

export function modelPath(id: string): string {
  return `/models/${id.split("/").map(encodeURIComponent).join("/")}`;
}

export function workbenchPath(ids: readonly string[], prompt?: string): string {
  return `/workbench?${query("model", ids)}${prompt === undefined ? "" : `&${query("prompt", [prompt])}`}`;
}

export function comparePath(ids: readonly string[]): string {
  return `/models/compare?${query("model", ids)}`;
}

/** The catalogue with one thing chosen. */
export function cataloguePath(facet: FacetName, value: string): string {
  return `/models?${query(facet, [value])}`;
}

/** An address of the hub's own as it is reached from here, whatever name the hub goes by outside. */
export function pathOf(url: string): string {
  const { pathname, search } = new URL(url);
  return pathname + search;
}

function query(name: string, values: readonly string[]): string {
  return new URLSearchParams(values.map((value) => [name, value])).toString();
}
