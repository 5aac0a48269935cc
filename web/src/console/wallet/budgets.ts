import type { Rule } from "../../api/types";
import { billionths } from "../../ui/money";
import { BUDGETS } from "../limits/bounds";

export interface Budget {
  id: string;
  subject: Rule["subject"];
  subjectId: string;
  model: string | null;
  period: string;
  amount: string;
  used: string | null;
  left: string | null;
  /** Of the budget, what is used: 1 and more when it is full. */
  share: number;
  resetsAt: string | null;
}

/** Each amount that a rule sets, the fullest first. */
export function budgetsOf(rules: readonly Rule[]): Budget[] {
  const budgets = rules.flatMap((rule) =>
    BUDGETS.flatMap(({ name: field, period }): Budget[] => {
      const amount = rule.budget[field];
      if (amount === null) return [];
      const stands = rule.standing[field];
      const used = stands === undefined ? null : String(stands.used);
      return [
        {
          id: `${rule.id} ${field}`,
          subject: rule.subject,
          subjectId: rule.subject_id,
          model: rule.model,
          period,
          amount,
          used,
          left: stands === undefined ? null : String(stands.left),
          share: shareOf(used, amount),
          resetsAt: stands?.resets_at ?? null,
        },
      ];
    }),
  );
  return budgets.sort((one, other) => other.share - one.share);
}

function shareOf(used: string | null, amount: string): number {
  if (used === null) return 0;
  const whole = billionths(amount);
  return whole === 0n ? 1 : Number((billionths(used) * 10_000n) / whole) / 10_000;
}
