/** The keys of the organisation; a developer's own. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Key } from "../../api/types";
import { Page } from "../../shell/Page";
import { Answered } from "../../ui/Answered";
import { Button } from "../../ui/controls";
import { ago, day, time } from "../../ui/format";
import { type Column, Table } from "../../ui/Table";
import { Badge, Empty } from "../../ui/telling";
import { Standing } from "../limits/Standing";
import { keysQuery, membersQuery } from "../queries";
import { KEY_HOLDERS, useSession } from "../session";
import { CreateKey } from "./CreateKey";
import { KeyActions } from "./KeyActions";

export function Keys() {
  const keys = useQuery(keysQuery);
  const members = useQuery(membersQuery).data ?? [];
  const { role } = useSession().member;
  const [creating, setCreating] = useState(false);
  const mayChange = KEY_HOLDERS.includes(role);
  const create = (
    <Button kind="primary" onClick={() => setCreating(true)}>
      New key
    </Button>
  );
  const names = new Map(members.map(({ id, name }) => [id, name]));
  return (
    <Page actions={mayChange && create} title="Keys">
      <Answered query={keys}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty title="There is no key yet.">
              <p>Applications call the hub with a key. Test keys cost nothing.</p>
              {mayChange && create}
            </Empty>
          ) : (
            <Table
              caption="Keys"
              columns={columns(names, mayChange)}
              rowKey={({ id }) => id}
              rows={[...rows].reverse()}
            />
          )
        }
      </Answered>
      {creating && <CreateKey onClose={() => setCreating(false)} />}
    </Page>
  );
}

function columns(names: ReadonlyMap<string, string>, mayChange: boolean): Column<Key>[] {
  const shown: Column<Key>[] = [
    {
      head: "Name",
      cell: (key) => (
        <>
          {key.name}
          <br />
          <span className="mono faint">{key.prefix}-…</span>
        </>
      ),
    },
    { head: "State", cell: (key) => <State subject={key} /> },
    { head: "May", cell: (key) => key.scopes.join(", ") },
    { head: "Models", cell: (key) => (key.models === null ? "all" : key.models.join(", ")) },
    {
      head: "Belongs to",
      cell: (key) =>
        [key.member_id && (names.get(key.member_id) ?? key.member_id), key.project]
          .filter(Boolean)
          .join(" · ") || "the organisation",
    },
    { head: "Limits and budgets", cell: (key) => <Standing bounds={key} standing={key.standing} /> },
    { head: "Created", cell: (key) => <span title={time(key.created_at)}>{ago(key.created_at)}</span> },
  ];
  if (mayChange)
    shown.push({
      head: <span className="visually-hidden">Actions</span>,
      cell: (key) => <KeyActions subject={key} />,
    });
  return shown;
}

function State({ subject }: { subject: Key }) {
  const isOver = subject.expires_at !== null && new Date(subject.expires_at) < new Date();
  return (
    <span className="row">
      <Badge tone={subject.mode === "live" ? "accent" : undefined}>{subject.mode}</Badge>
      {subject.disabled && <Badge tone="bad">disabled</Badge>}
      {isOver && <Badge tone="bad">expired</Badge>}
      {subject.expires_at !== null && !isOver && (
        <span className="small muted">until {day(subject.expires_at)}</span>
      )}
    </span>
  );
}
