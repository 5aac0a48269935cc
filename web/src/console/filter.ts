/** Which calls a place shows: the names in its address, and those in the API's query. */
import type { UsageGroup } from "../api/types";
import { UNKNOWN } from "../ui/format";
import type { Names } from "./names";
import type { CallFilter } from "./queries";

export const FIELDS = [
  { name: "model", param: "model", label: "Model" },
  { name: "key", param: "key_id", label: "Key" },
  { name: "member", param: "member_id", label: "Member" },
  { name: "mode", param: "mode", label: "Mode" },
] as const;

export type FieldName = (typeof FIELDS)[number]["name"];

interface Choice {
  value: string;
  label: string;
}

export function filterOf(search: URLSearchParams): CallFilter {
  const given = FIELDS.map(({ name, param }) => [param, search.get(name)] as const);
  return Object.fromEntries(given.filter(([, value]) => value));
}

/** What calls there are to choose from, and what is chosen already; alphabetical. */
export function choices(
  field: (typeof FIELDS)[number],
  rows: readonly UsageGroup[],
  chosen: string | null,
  names: Names,
): Choice[] {
  const values = new Set<string>(chosen ? [chosen] : []);
  for (const row of rows) {
    const value = row[field.param];
    if (value) values.add(value);
  }
  return [...values]
    .map((value) => ({ value, label: labelOf(field.name, value, names) }))
    .sort((one, other) => one.label.localeCompare(other.label, "en"));
}

export function labelOf(field: FieldName | null, value: string | null | undefined, names: Names): string {
  if (field === "key") return names.key(value);
  if (field === "member") return names.member(value);
  if (field === "mode") return value === "test" ? "Test" : "Live";
  return value ?? UNKNOWN;
}
