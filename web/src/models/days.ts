/** Whole days of the calendar in UTC until a date; below 0 when it is past, null when it is unknown. */
export function daysLeft(date: string | null, now: number = Date.now()): number | null {
  if (date === null) return null;
  return Math.ceil((Date.parse(`${date}T00:00:00Z`) - now) / 86_400_000) + 0; // never -0
}
