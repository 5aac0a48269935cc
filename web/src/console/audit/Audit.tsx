/** Who changed what, newest first. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, data } from "../../api/client";
import type { AuditEntry } from "../../api/types";
import { Page } from "../../shell/Page";
import { Button, TextField } from "../../ui/controls";
import { time } from "../../ui/format";
import { type Column, Table } from "../../ui/Table";
import { Empty, Failure, Loading } from "../../ui/telling";

const COLUMNS: readonly Column<AuditEntry>[] = [
  { head: "When", cell: (entry) => time(entry.at) },
  { head: "Who", cell: (entry) => <span className="mono">{entry.actor}</span> },
  { head: "Did", cell: (entry) => entry.action },
  { head: "To", cell: (entry) => <span className="mono">{entry.subject}</span> },
  { head: "What changed", cell: (entry) => <Changes entry={entry} /> },
];

export function Audit() {
  const [action, setAction] = useState("");
  const [actor, setActor] = useState("");
  const wanted = { ...(action && { action }), ...(actor && { actor }) };
  const entries = useInfiniteQuery({
    queryKey: ["audit", wanted],
    initialPageParam: undefined as number | undefined,
    queryFn: async ({ pageParam }) =>
      await data(
        api.GET("/v1/audit", {
          params: { query: { ...wanted, ...(pageParam && { before: String(pageParam) }) } },
        }),
      ),
    getNextPageParam: (last) => (last.has_more ? last.data.at(-1)?.id : undefined),
  });
  const rows = entries.data?.pages.flatMap((page) => page.data) ?? [];
  return (
    <Page title="Audit log">
      <div className="stack">
        <div className="filters">
          <TextField
            label="Action"
            onChange={(event) => setAction(event.target.value)}
            placeholder="key.create"
            value={action}
          />
          <TextField
            label="Who"
            onChange={(event) => setActor(event.target.value)}
            placeholder="member:… or operator"
            value={actor}
          />
        </div>
        {entries.isPending && <Loading />}
        {entries.isError && <Failure error={entries.error} onRetry={() => void entries.refetch()} />}
        {entries.isSuccess && rows.length === 0 && <Empty title="Nothing like this has been changed." />}
        {rows.length > 0 && (
          <Table caption="Audit log" columns={COLUMNS} rowKey={({ id }) => String(id)} rows={rows} />
        )}
        {entries.hasNextPage && (
          <div className="row">
            <Button disabled={entries.isFetchingNextPage} onClick={() => void entries.fetchNextPage()}>
              Older
            </Button>
          </div>
        )}
      </div>
    </Page>
  );
}

function Changes({ entry }: { entry: AuditEntry }) {
  const names = [...new Set([...Object.keys(entry.before ?? {}), ...Object.keys(entry.after ?? {})])];
  if (names.length === 0) return null;
  return (
    <details>
      <summary>{names.join(", ")}</summary>
      <dl className="changes">
        {names.map((name) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className="mono">
              {entry.before && <del>{written(entry.before[name])}</del>}{" "}
              {entry.after && <ins>{written(entry.after[name])}</ins>}
            </dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

function written(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "nothing");
}
