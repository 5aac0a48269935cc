/** Which models go away, when, and what takes their place. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { deprecationsQuery } from "../api/queries";
import type { Deprecation } from "../api/types";
import { Page } from "../shell/Page";
import { Answered } from "../ui/Answered";
import { LinkButton } from "../ui/controls";
import { day, UNKNOWN } from "../ui/format";
import { Table } from "../ui/Table";
import { Badge, Empty } from "../ui/telling";
import { modelPath } from "./addresses";
import { daysLeft } from "./days";

export function Deprecations() {
  const found = useQuery(deprecationsQuery);
  return (
    <Page
      actions={
        <>
          <LinkButton reloadDocument to="/v1/models/deprecations">
            JSON
          </LinkButton>
          <LinkButton to="/models">All models</LinkButton>
        </>
      }
      title="Deprecations"
    >
      <div className="stack">
        <p className="muted">
          Models that their providers are shutting down, or have shut down, the next to go first. A call of
          such a model carries the header <code>sunset</code>.
        </p>
        <Answered query={found}>
          {(models) =>
            models.length === 0 ? (
              <Empty title="No model is going away.">
                <LinkButton to="/models">See the models</LinkButton>
              </Empty>
            ) : (
              <Table
                caption="Models that go away"
                columns={COLUMNS}
                rowKey={(model) => model.id}
                rows={models}
              />
            )
          }
        </Answered>
      </div>
    </Page>
  );
}

const COLUMNS = [
  {
    head: "Model",
    cell: (model: Deprecation) => (
      <Link className="mono nowrap" to={modelPath(model.id)}>
        {model.id}
      </Link>
    ),
  },
  {
    head: "Status",
    cell: (model: Deprecation) =>
      model.status === "shut_down" ? (
        <Badge tone="bad">Shut down</Badge>
      ) : (
        <Badge tone="warn">Deprecated</Badge>
      ),
  },
  { head: "Deprecated since", cell: (model: Deprecation) => day(model.deprecated_at) },
  {
    head: "Shut down on",
    cell: (model: Deprecation) => (
      <>
        {day(model.shutdown_at)} <span className="faint">{left(model.shutdown_at)}</span>
      </>
    ),
  },
  {
    head: "Replacement",
    cell: (model: Deprecation) =>
      model.replaced_by === null ? (
        UNKNOWN
      ) : (
        <Link className="mono nowrap" to={modelPath(model.replaced_by)}>
          {model.replaced_by}
        </Link>
      ),
  },
  {
    head: "Source",
    cell: (model: Deprecation) => (
      <span className="small">{[model.note, model.source].filter(Boolean).join(" ") || UNKNOWN}</span>
    ),
  },
];

function left(date: string | null): string {
  const days = daysLeft(date);
  return days === null || days < 0 ? "" : days === 0 ? "today" : days === 1 ? "tomorrow" : `in ${days} days`;
}
