/** Who changed what, newest first. */
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, data } from "../../api/client";
import type { AuditEntry } from "../../api/types";
import { Page } from "../../shell/Page";
import { SelectField, TextField } from "../../ui/controls";
import { time, UNKNOWN } from "../../ui/format";
import { Pages } from "../../ui/Pages";
import { type Column, Table } from "../../ui/Table";
import { Empty } from "../../ui/telling";
import { type Names, useNames } from "../names";
import { membersQuery } from "../queries";

/** Facts of the record itself, which say nothing of what was done to it. */
const PLAIN = new Set(["id", "object", "organisation_id", "created_at"]);

export function Audit() {
  const [action, setAction] = useState("");
  const [actor, setActor] = useState("");
  const members = useQuery(membersQuery).data ?? [];
  const names = useNames();
  const wanted = { ...(action && { action }), ...(actor && { actor }) };
  const entries = useInfiniteQuery({
    queryKey: ["audit", wanted],
    initialPageParam: undefined as number | undefined,
    queryFn: ({ pageParam }) =>
      data(
        api.GET("/v1/audit", {
          params: { query: { ...wanted, ...(pageParam && { before: String(pageParam) }) } },
        }),
      ),
    getNextPageParam: (last) => (last.has_more ? last.data.at(-1)?.id : undefined),
  });
  return (
    <Page title="Audit log">
      <div className="stack">
        <search className="filter-fields">
          <TextField
            label="Action"
            onChange={(event) => setAction(event.target.value.trim())}
            placeholder="such as key.create"
            type="search"
            value={action}
          />
          <SelectField label="Who" onChange={(event) => setActor(event.target.value)} value={actor}>
            <option value="">Anybody</option>
            {members.map(({ id, name }) => (
              <option key={id} value={`member:${id}`}>
                {name}
              </option>
            ))}
            <option value="operator">The command line</option>
          </SelectField>
        </search>
        <Pages query={entries}>
          {(rows) =>
            rows.length === 0 ? (
              <Empty title="Nothing like this has been changed." />
            ) : (
              <Table
                caption="Audit log"
                cards
                columns={columns(names)}
                rowKey={({ id }) => String(id)}
                rows={rows}
              />
            )
          }
        </Pages>
      </div>
    </Page>
  );
}

function columns(names: Names): Column<AuditEntry>[] {
  const name = (subject: string) => (
    <span className="name" title={subject}>
      {names.actor(subject)}
    </span>
  );
  return [
    { head: "When", cell: (entry) => <span className="nowrap">{time(entry.at)}</span> },
    { head: "Who", cell: (entry) => name(entry.actor) },
    { head: "Did", cell: (entry) => <code>{entry.action}</code> },
    { head: "To", cell: (entry) => name(entry.subject) },
    { head: "What changed", cell: (entry) => <Changes entry={entry} /> },
  ];
}

function Changes({ entry }: { entry: AuditEntry }) {
  const { before, after } = entry;
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])].filter(
    (name) => !PLAIN.has(name),
  );
  if (names.length === 0) return <span className="faint">{UNKNOWN}</span>;
  return (
    <details>
      <summary>{names.length > 4 ? `${names.length} fields` : names.join(", ")}</summary>
      <dl className="changes small">
        {names.map((name) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className="mono">
              {before && <del>{written(before[name])}</del>} {after && <ins>{written(after[name])}</ins>}
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
