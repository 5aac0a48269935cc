/** Months of the calendar in UTC, as `2026-11`. */

const MONTH = /^2\d{3}-(0[1-9]|1[0-2])$/;

export function isMonth(text: string | undefined): text is string {
  return text !== undefined && MONTH.test(text);
}

export function monthOf(time: string | number): string {
  return new Date(time).toISOString().slice(0, 7);
}

export function monthsBetween(first: string, last: string): string[] {
  const months: string[] = [];
  for (let month = last; month >= first; month = before(month)) months.push(month);
  return months;
}

export function before(month: string): string {
  const [year, number] = month.split("-").map(Number);
  return monthOf(Date.UTC(year ?? 0, (number ?? 1) - 2, 1));
}

export function monthName(month: string): string {
  const date = new Date(`${month}-01T00:00:00Z`);
  return date.toLocaleDateString("en-GB", { month: "long", year: "numeric", timeZone: "UTC" });
}
