/** The keys of the organisation; a developer's own. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Key } from "../../api/types";
import { Page } from "../../shell/Page";
import { Answered } from "../../ui/Answered";
import { Button } from "../../ui/controls";
import { ago, day, time } from "../../ui/format";
import { actions, type Column, Table } from "../../ui/Table";
import { Badge, Empty } from "../../ui/telling";
import { Standing } from "../limits/Standing";
import { type Names, useNames } from "../names";
import { keysQuery } from "../queries";
import { KEY_HOLDERS, useSession } from "../session";
import { CreateKey } from "./CreateKey";
import { SCOPES } from "./draft";
import { KeyActions } from "./KeyActions";

export function Keys() {
  const keys = useQuery(keysQuery);
  const names = useNames();
  const { role } = useSession().member;
  const [creating, setCreating] = useState(false);
  const mayChange = KEY_HOLDERS.includes(role);
  const create = (
    <Button kind="primary" onClick={() => setCreating(true)}>
      New key
    </Button>
  );
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
              cards
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

function columns(names: Names, mayChange: boolean): Column<Key>[] {
  const shown: Column<Key>[] = [
    {
      head: "Name",
      cell: (key) => (
        <>
          <span className="name">{key.name}</span>
          <small className="under mono">{key.prefix}-…</small>
        </>
      ),
    },
    { head: "State", cell: (key) => <State subject={key} /> },
    { head: "May", cell: (key) => <Abilities subject={key} /> },
    { head: "Belongs to", cell: (key) => <Owner names={names} subject={key} /> },
    { head: "Limits", cell: (key) => <Standing bounds={key} standing={key.standing} /> },
    {
      head: "Created",
      cell: (key) => (
        <span className="nowrap" title={time(key.created_at)}>
          {ago(key.created_at)}
        </span>
      ),
    },
  ];
  return mayChange ? [...shown, actions((key) => <KeyActions subject={key} />)] : shown;
}

function State({ subject }: { subject: Key }) {
  const isOver = subject.expires_at !== null && new Date(subject.expires_at) < new Date();
  return (
    <>
      <span className="row">
        <Badge tone={subject.mode === "test" ? "accent" : undefined}>{subject.mode}</Badge>
        {subject.disabled && <Badge tone="bad">disabled</Badge>}
        {isOver && <Badge tone="bad">expired</Badge>}
      </span>
      {subject.expires_at !== null && !isOver && (
        <small className="under nowrap">until {day(subject.expires_at)}</small>
      )}
    </>
  );
}

function Abilities({ subject: { scopes, models } }: { subject: Key }) {
  return SCOPES.filter(({ scope }) => scopes.includes(scope)).map(({ scope, label }) => (
    <div key={scope}>
      <span className="nowrap">{label}</span>
      {scope === "inference" && models !== null && (
        <small className="under">
          <span className="name">{models.join(", ")}</span>
        </small>
      )}
    </div>
  ));
}

function Owner({ subject, names }: { subject: Key; names: Names }) {
  const { member_id: member, project } = subject;
  return (
    <>
      {member === null ? (
        <span className="faint">organisation</span>
      ) : (
        <span className="name">{names.member(member)}</span>
      )}
      {project !== null && (
        <small className="under">
          <span className="name">project {project}</span>
        </small>
      )}
    </>
  );
}
