/** Limits and budgets between a form, where all is text, and the API, where nothing is null and money a decimal string. */

import type { Bounds } from "../../api/types";

export const LIMITS = [
  { name: "requests_per_minute", label: "Requests a minute" },
  { name: "tokens_per_minute", label: "Tokens a minute" },
  { name: "requests_per_day", label: "Requests a day" },
  { name: "tokens_per_day", label: "Tokens a day" },
  { name: "concurrency", label: "Calls at once" },
] as const;

export const BUDGETS = [
  { name: "day_usd", label: "Dollars a day", period: "day" },
  { name: "week_usd", label: "Dollars a week", period: "week" },
  { name: "month_usd", label: "Dollars a month", period: "month" },
  { name: "total_usd", label: "Dollars in all", period: "in all" },
] as const;

type LimitName = (typeof LIMITS)[number]["name"];
type BudgetName = (typeof BUDGETS)[number]["name"];
type BoundName = LimitName | BudgetName;

/** What stands in the fields: empty is no bound. */
export type Draft = Record<BoundName, string>;

export function draftOf(bounds: Bounds | null): Draft {
  const limits = LIMITS.map(({ name }) => [name, bounds?.limits[name]?.toString() ?? ""]);
  const budget = BUDGETS.map(({ name }) => [name, bounds?.budget[name] ?? ""]);
  return Object.fromEntries([...limits, ...budget]) as Draft;
}

/** What is wrong with a field, or null. */
export function problem(name: BoundName, text: string): string | null {
  const given = text.trim();
  if (given === "") return null;
  if (name.endsWith("_usd")) {
    return /^\d{1,9}(\.\d{1,9})?$/.test(given) ? null : "Dollars, such as 5 or 0.25.";
  }
  return /^\d{1,15}$/.test(given) ? null : "A whole number.";
}

/** The draft as the API takes it. Every field must have passed `problem`. */
export function boundsOf(draft: Draft): Bounds {
  const text = (name: BoundName) => draft[name].trim();
  const limits = LIMITS.map(({ name }) => [name, text(name) === "" ? null : Number(text(name))]);
  const budget = BUDGETS.map(({ name }) => [name, text(name) === "" ? null : text(name)]);
  return {
    limits: Object.fromEntries(limits) as Bounds["limits"],
    budget: Object.fromEntries(budget) as Bounds["budget"],
  };
}

export function isUnbounded(bounds: Bounds): boolean {
  return [...Object.values(bounds.limits), ...Object.values(bounds.budget)].every((value) => value === null);
}
