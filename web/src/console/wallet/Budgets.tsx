import { useQuery } from "@tanstack/react-query";
import { Answered } from "../../ui/Answered";
import { percent, UNKNOWN, usd, utc } from "../../ui/format";
import { type Column, Table } from "../../ui/Table";
import { Badge, Empty } from "../../ui/telling";
import { useNames } from "../names";
import { rulesQuery } from "../queries";
import { type Budget, budgetsOf } from "./budgets";

/** Budgets of the organisation, its members, keys and models, and how full each is. */
export function Budgets() {
  const rules = useQuery(rulesQuery);
  const names = useNames();
  const columns: Column<Budget>[] = [
    {
      head: "Whose",
      cell: (budget) => (
        <span className="name">
          {names.subject(budget.subject, budget.subjectId)}
          <small className="under">
            {budget.subject}
            {budget.model !== null && `, calls of ${budget.model}`}
          </small>
        </span>
      ),
    },
    { head: "Period", cell: (budget) => <span className="nowrap">{budget.period}</span> },
    { head: "Share used", cell: (budget) => <Fullness share={budget.share} /> },
    { head: "Used", number: true, cell: (budget) => usd(budget.used) },
    { head: "Left", number: true, cell: (budget) => usd(budget.left) },
    { head: "Budget", number: true, cell: (budget) => usd(budget.amount) },
    {
      head: "Whole again (UTC)",
      cell: (budget) => (budget.resetsAt === null ? UNKNOWN : utc(budget.resetsAt)),
    },
  ];
  return (
    <Answered query={rules}>
      {(found) => {
        const budgets = budgetsOf(found);
        if (budgets.length === 0) {
          return (
            <Empty title="No budgets.">
              <p>Nothing bounds what keys and members may spend but the wallet itself.</p>
            </Empty>
          );
        }
        return <Table caption="Budgets" columns={columns} rowKey={(budget) => budget.id} rows={budgets} />;
      }}
    </Answered>
  );
}

function Fullness({ share }: { share: number }) {
  return (
    <span className="row fullness">
      <meter high={0.9} low={0.75} max={1} min={0} optimum={0} value={share}>
        {percent(share)}
      </meter>
      {share >= 1 ? <Badge tone="bad">full</Badge> : <span className="small">{percent(share)}</span>}
    </span>
  );
}
