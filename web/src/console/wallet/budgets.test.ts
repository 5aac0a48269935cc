import { expect, test } from "vitest";
import type { Rule } from "../../api/types";
import { boundsOf, draftOf } from "../limits/bounds";
import { budgetsOf } from "./budgets";

const NONE = { day_usd: null, week_usd: null, month_usd: null, total_usd: null };

function rule(id: string, fields: Partial<Rule>): Rule {
  return {
    object: "rule",
    id,
    subject: "key",
    subject_id: "k1",
    model: null,
    ...boundsOf(draftOf(null)),
    standing: {},
    ...fields,
  };
}

test("each amount of a rule is a budget, the fullest first", () => {
  const found = budgetsOf([
    rule("r1", {
      budget: { ...NONE, day_usd: "10", month_usd: "100" },
      standing: {
        day_usd: { used: "2.5", left: "7.5", resets_at: "2026-11-21T00:00:00Z" },
        month_usd: { used: "99.999999999", left: "0.000000001", resets_at: null },
        requests_per_minute: { used: 1, left: 2, resets_at: null },
      },
    }),
    rule("r2", {}),
  ]);
  expect(found.map(({ period, share, left }) => [period, share, left])).toEqual([
    ["month", 0.9999, "0.000000001"],
    ["day", 0.25, "7.5"],
  ]);
});

test("a budget of nothing is full", () => {
  const standing = { total_usd: { used: "0", left: "0", resets_at: null } };
  expect(budgetsOf([rule("r1", { budget: { ...NONE, total_usd: "0" }, standing })])[0]?.share).toBe(1);
});
