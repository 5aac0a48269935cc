/** What was called lately, for who comes again. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { ApiError, api, data } from "../api/client";
import type { UsageGroup } from "../api/types";
import { bearer, type CallKey } from "../keys";
import { count, usd } from "../ui/format";
import { Table } from "../ui/Table";
import { Empty, Failure, Loading, Stat, Stats } from "../ui/telling";

const PERIOD = "7d";
const MOST_MODELS = 8;

interface Props {
  signedIn: boolean;
  /** Counts where nobody has signed in. */
  token: CallKey | null;
  /** Somebody is being led through the first steps: what is not there need not be told. */
  isGuided: boolean;
}

export function Overview({ signedIn, token, isGuided }: Props) {
  const key = signedIn ? null : token;
  const usage = useQuery({
    queryKey: ["usage", "start", signedIn, key?.token.slice(0, 20)],
    queryFn: () =>
      data(
        api.GET("/v1/usage", {
          params: { query: { group_by: "model", period: PERIOD } },
          headers: bearer(key),
        }),
      ),
    enabled: signedIn || key !== null,
  });
  if (isGuided && !usage.data?.data.length) return null;
  if (!signedIn && key === null) {
    return <p className="muted">Sign in, or paste a key below, to see what was called lately.</p>;
  }
  if (usage.isPending) return <Loading />;
  if (usage.error instanceof ApiError && usage.error.status === 403) {
    return <p className="muted">This key may call models, but not see what was called.</p>;
  }
  if (usage.isError) return <Failure error={usage.error} onRetry={() => void usage.refetch()} />;
  const { data: rows, total, cost_usd } = usage.data;
  if (rows.length === 0) {
    return (
      <Empty title="No calls in the last 7 days.">
        <Link to="/workbench">Ask a model in the workbench</Link>
      </Empty>
    );
  }
  return (
    <section aria-label="Last 7 days" className="stack">
      <h2>Last 7 days</h2>
      <Stats>
        <Stat name="Calls" note={`${count(total.failed)} failed`} value={count(total.requests)} />
        <Stat name="Tokens in" value={count(total.input_tokens)} />
        <Stat name="Tokens out" value={count(total.output_tokens)} />
        <Stat name="Cost" value={usd(cost_usd)} />
      </Stats>
      <Table
        caption="Models called in the last 7 days"
        columns={[
          { head: "Model", cell: (row) => <ModelLink model={row.model ?? ""} /> },
          { head: "Calls", cell: (row) => count(row.requests), number: true },
          {
            head: "Tokens",
            cell: (row) => count(row.input_tokens + row.output_tokens),
            number: true,
          },
          { head: "Cost", cell: (row) => usd(row.cost_usd), number: true },
        ]}
        rowKey={(row) => row.model ?? ""}
        rows={mostCalled(rows)}
      />
    </section>
  );
}

function ModelLink({ model }: { model: string }) {
  return <Link to={`/workbench?model=${encodeURIComponent(model)}`}>{model}</Link>;
}

function mostCalled(rows: readonly UsageGroup[]): UsageGroup[] {
  return rows.toSorted((a, b) => b.requests - a.requests).slice(0, MOST_MODELS);
}
