/** The time that a place of the console looks at, as it stands in the address and as the API takes it. All in UTC. */

export const SPANS = [
  { id: "1h", label: "1 h" },
  { id: "24h", label: "24 h" },
  { id: "7d", label: "7 d" },
  { id: "30d", label: "30 d" },
] as const;

type Span = (typeof SPANS)[number]["id"];
export type TimeWindow = { span: Span } | { span: "custom"; from: string; until: string };
export type WindowQuery = { period: string } | { from?: string; until?: string };

export const HOUR_S = 3600;
export const DAY_S = 24 * HOUR_S;

const MINUTE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/;

export function windowOf(search: URLSearchParams, usual: Span): TimeWindow {
  const asked = search.get("window") ?? usual;
  if (asked === "custom") {
    return { span: "custom", from: minute(search.get("from")), until: minute(search.get("until")) };
  }
  return { span: SPANS.find(({ id }) => id === asked)?.id ?? usual };
}

export function windowQuery(window: TimeWindow): WindowQuery {
  if (window.span !== "custom") return { period: window.span };
  return {
    ...(window.from && { from: `${window.from}:00Z` }),
    ...(window.until && { until: `${window.until}:00Z` }),
  };
}

/** What stands in the two fields when somebody turns to a window of their own: the last day up to now. */
export function customWindow(nowMs: number): { from: string; until: string } {
  const text = (ms: number) => new Date(ms).toISOString().slice(0, 16);
  return { from: text(nowMs - DAY_S * 1000), until: text(nowMs + 60_000) };
}

/** The ends of an answer's window in seconds since 1970. */
export function ends(answer: {
  from?: string;
  until?: string;
  start?: string;
  end?: string;
}): [number, number] {
  const seconds = (text: string | undefined) => (text === undefined ? 0 : Date.parse(text) / 1000);
  return [seconds(answer.start ?? answer.from), seconds(answer.end ?? answer.until)];
}

function minute(text: string | null): string {
  return text !== null && MINUTE.test(text) ? text : "";
}
