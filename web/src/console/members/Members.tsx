/** The people of the organisation, their roles, and invitations that wait. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, data } from "../../api/client";
import type { Invitation, Member } from "../../api/types";
import { Page } from "../../shell/Page";
import { Answered } from "../../ui/Answered";
import { Button } from "../../ui/controls";
import { day } from "../../ui/format";
import { actions, type Column, Table } from "../../ui/Table";
import { Badge, Failure } from "../../ui/telling";
import { changed, invitationsQuery, membersQuery } from "../queries";
import { useIsManager, useSession } from "../session";
import { Invite } from "./Invite";
import { MemberActions } from "./MemberActions";
import { ROLES } from "./roles";

export function Members() {
  const members = useQuery(membersQuery);
  const isManager = useIsManager();
  const self = useSession().member.id;
  const [inviting, setInviting] = useState(false);
  const invite = (
    <Button kind="primary" onClick={() => setInviting(true)}>
      Invite a member
    </Button>
  );
  return (
    <Page actions={isManager && invite} title="Members">
      <div className="stack" data-wide>
        <Answered query={members}>
          {(rows) => (
            <Table
              caption="Members"
              cards
              columns={columns(self, isManager)}
              rowKey={({ id }) => id}
              rows={rows}
            />
          )}
        </Answered>
        {isManager && <Invitations />}
        <Roles />
      </div>
      {inviting && <Invite onClose={() => setInviting(false)} />}
    </Page>
  );
}

function columns(self: string, isManager: boolean): Column<Member>[] {
  const shown: Column<Member>[] = [
    {
      head: "Name",
      cell: (member) => (
        <span className="name">
          {member.name} {member.id === self && <Badge>you</Badge>}
        </span>
      ),
    },
    {
      head: "E-mail",
      cell: (member) => (
        <span className="name">{member.email ?? <span className="faint">none yet</span>}</span>
      ),
    },
    { head: "Role", cell: (member) => member.role },
    {
      head: "Password",
      cell: (member) => (member.has_password ? "set" : <Badge tone="warn">not set</Badge>),
    },
    { head: "Since", cell: (member) => day(member.created_at) },
  ];
  return isManager ? [...shown, actions((member) => <MemberActions member={member} />)] : shown;
}

function Invitations() {
  const invitations = useQuery(invitationsQuery);
  const withdrawing = useMutation({
    mutationFn: (id: string) => data(api.DELETE("/v1/invitations/{id}", { params: { path: { id } } })),
    onSuccess: () => changed("invitations"),
  });
  const columns: Column<Invitation>[] = [
    { head: "Invited", cell: (each) => <span className="name">{each.email}</span> },
    { head: "Role", cell: (each) => each.role },
    { head: "Good until", cell: (each) => day(each.expires_at) },
    actions((each) => (
      <Button
        aria-label={`Withdraw the invitation of ${each.email}`}
        onClick={() => withdrawing.mutate(each.id)}
        small
      >
        Withdraw
      </Button>
    )),
  ];
  return (
    <section className="stack">
      <h2>Invitations</h2>
      {withdrawing.isError && <Failure error={withdrawing.error} />}
      <Answered query={invitations}>
        {(rows) =>
          rows.length === 0 ? (
            <p className="muted">Nobody is invited at the moment.</p>
          ) : (
            <Table caption="Invitations" cards columns={columns} rowKey={({ id }) => id} rows={rows} />
          )
        }
      </Answered>
    </section>
  );
}

function Roles() {
  return (
    <section className="stack">
      <h2>What the roles may do</h2>
      <dl className="roles">
        {ROLES.map(({ role, may }) => (
          <div key={role}>
            <dt>{role}</dt>
            <dd>{may}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
