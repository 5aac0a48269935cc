/** Numbers, money and times as the pages write them. What is unknown is a dash, never a zero. */

export const UNKNOWN = "–";

const WHOLE = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const COMPACT = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 });
const DATE = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeZone: "UTC" });
const UTC_TIME = new Intl.DateTimeFormat("en-GB", {
  dateStyle: "medium",
  timeStyle: "medium",
  timeZone: "UTC",
});
const UTC_SHORT = new Intl.DateTimeFormat("en-GB", {
  ...{ day: "numeric", month: "short", timeZone: "UTC" },
  ...{ hour: "2-digit", minute: "2-digit", second: "2-digit" },
});
const DATE_TIME = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });

type Unknown = null | undefined;

export function count(value: number | Unknown): string {
  return value == null ? UNKNOWN : WHOLE.format(value);
}

/** 1,047,576 as 1M: for tiles and pickers, where the exact figure stands elsewhere. */
export function compact(value: number | Unknown): string {
  return value == null ? UNKNOWN : COMPACT.format(value);
}

/** Dollars given as a decimal string or a number: at least cents, and as many places as it takes to be exact. */
export function usd(value: string | number | Unknown): string {
  if (value == null) return UNKNOWN;
  const text = typeof value === "string" ? value : plain(value);
  const [, sign, whole, fraction = ""] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? [];
  if (whole === undefined) return UNKNOWN;
  return `${sign}$${WHOLE.format(BigInt(whole))}.${fraction.replace(/0+$/, "").padEnd(2, "0")}`;
}

/** Money of the ledger, in billionths of a dollar. */
export function nusd(value: number | bigint | Unknown): string {
  return value == null ? UNKNOWN : usd(decimal(value));
}

export function percent(share: number | Unknown): string {
  return share == null ? UNKNOWN : `${(share * 100).toFixed(share !== 0 && Math.abs(share) < 0.1 ? 1 : 0)}%`;
}

export function duration(ms: number | Unknown): string {
  if (ms == null) return UNKNOWN;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}

/** A second. */
export function rate(perSecond: number | Unknown): string {
  return perSecond == null ? UNKNOWN : perSecond.toFixed(perSecond < 10 ? 1 : 0);
}

export function bytes(value: number | Unknown): string {
  if (value == null) return UNKNOWN;
  if (value < 1024) return `${value} B`;
  if (value < 1024 * 1024) return `${(value / 1024).toFixed(1)} KB`;
  return `${(value / 1024 / 1024).toFixed(1)} MB`;
}

/** Whether a text is a day as the API writes it. */
export function isDay(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text);
}

/** A day of the calendar, which has no time zone. */
export function day(value: string | Unknown): string {
  return value == null ? UNKNOWN : DATE.format(new Date(`${value.slice(0, 10)}T00:00:00Z`));
}

/** An instant in the reader's own time zone. */
export function time(value: string | number | Unknown): string {
  return value == null ? UNKNOWN : DATE_TIME.format(new Date(value));
}

/** An instant in UTC without its year, for lists of the latest. */
export function utcShort(value: string | number | Unknown): string {
  return value == null ? UNKNOWN : UTC_SHORT.format(new Date(value));
}

/** An instant in UTC, where it stands beside windows and days of UTC. */
export function utc(value: string | number | Unknown): string {
  return value == null ? UNKNOWN : UTC_TIME.format(new Date(value));
}

export function ago(value: string | number | Unknown, now: number = Date.now()): string {
  if (value == null) return UNKNOWN;
  const seconds = Math.max(0, (now - new Date(value).getTime()) / 1000);
  if (seconds < 60) return "just now";
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return day(new Date(value).toISOString());
}

function plain(value: number): string {
  return value.toFixed(9);
}

function decimal(value: number | bigint): string {
  const digits = value.toString().replace("-", "").padStart(10, "0");
  return `${value < 0 ? "-" : ""}${digits.slice(0, -9)}.${digits.slice(-9)}`;
}
