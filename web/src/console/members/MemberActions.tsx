/** What can be done to a member: another name, address or role, a link to a new password, removal. */
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { api, data } from "../../api/client";
import type { Member } from "../../api/types";
import { Button, TextField } from "../../ui/controls";
import { Dialog } from "../../ui/Dialog";
import { Menu } from "../../ui/Menu";
import { Failure, Loading } from "../../ui/telling";
import { Confirm } from "../Confirm";
import { changed } from "../queries";
import { Secret } from "../Secret";
import { useSession } from "../session";
import { RoleField } from "./Invite";

type Action = "change" | "reset" | "remove";

export function MemberActions({ member }: { member: Member }) {
  const [action, setAction] = useState<Action | null>(null);
  const isOwner = useSession().member.role === "owner";
  const close = () => setAction(null);
  return (
    <>
      <Menu
        items={[
          { label: "Change…", onSelect: () => setAction("change") },
          ...(isOwner ? [{ label: "Link to a new password…", onSelect: () => setAction("reset") }] : []),
          { label: "Remove…", danger: true, onSelect: () => setAction("remove") },
        ]}
        label="⋯"
        name={`Actions for ${member.name}`}
      />
      {action === "change" && <Change member={member} onClose={close} />}
      {action === "reset" && <ResetLink member={member} onClose={close} />}
      {action === "remove" && (
        <Confirm
          act={() => data(api.DELETE("/v1/members/{id}", { params: { path: { id: member.id } } }))}
          onClose={close}
          onDone={() => {
            changed("members", "keys");
            close();
          }}
          title={`Remove ${member.name}?`}
          verb="Remove member"
        >
          <p>Sessions end at once and the member's keys are disabled. Records of usage stay.</p>
        </Confirm>
      )}
    </>
  );
}

function Change({ member, onClose }: { member: Member; onClose: () => void }) {
  const [name, setName] = useState(member.name);
  const [email, setEmail] = useState(member.email ?? "");
  const [role, setRole] = useState(member.role);
  const changing = useMutation({
    mutationFn: () =>
      data(
        api.PATCH("/v1/members/{id}", {
          params: { path: { id: member.id } },
          body: { name: name.trim(), role, ...(email.trim() && { email: email.trim() }) },
        }),
      ),
    onSuccess: () => {
      changed("members", "keys", "session");
      onClose();
    },
  });
  return (
    <Dialog onClose={onClose} open title={`Change ${member.name}`}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          changing.mutate();
        }}
      >
        <TextField label="Name" onChange={(event) => setName(event.target.value)} required value={name} />
        <TextField
          label="E-mail"
          onChange={(event) => setEmail(event.target.value)}
          type="email"
          value={email}
        />
        <RoleField onChange={setRole} value={role} />
        {changing.isError && <Failure error={changing.error} />}
        <div className="row">
          <Button disabled={name.trim() === "" || changing.isPending} kind="primary" type="submit">
            Save
          </Button>
          <Button onClick={onClose}>Cancel</Button>
        </div>
      </form>
    </Dialog>
  );
}

function ResetLink({ member, onClose }: { member: Member; onClose: () => void }) {
  const making = useMutation({
    mutationFn: async () =>
      await data(api.POST("/v1/members/{id}/reset", { params: { path: { id: member.id } } })),
  });
  return (
    <Dialog onClose={onClose} open title={`New password for ${member.name}`}>
      {making.data ? (
        <Secret value={making.data.url} what="the link" />
      ) : making.isPending ? (
        <Loading />
      ) : (
        <>
          <p>
            The link is good for one use. With it {member.name} sets a new password, which ends all sessions.
          </p>
          {making.isError && <Failure error={making.error} />}
        </>
      )}
      <div className="row">
        {!making.data && (
          <Button disabled={making.isPending} kind="primary" onClick={() => making.mutate()}>
            Make the link
          </Button>
        )}
        <Button onClick={onClose}>{making.data ? "Done" : "Cancel"}</Button>
      </div>
    </Dialog>
  );
}
