/** What can be done to a member: another name, address or role, a link to a new password, removal. */
import { useState } from "react";
import { api, data } from "../../api/client";
import type { Member } from "../../api/types";
import { Button, TextField } from "../../ui/controls";
import { Dialog } from "../../ui/Dialog";
import { Menu } from "../../ui/Menu";
import { FormDialog } from "../FormDialog";
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
        <FormDialog
          kind="danger"
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
        </FormDialog>
      )}
    </>
  );
}

function Change({ member, onClose }: { member: Member; onClose: () => void }) {
  const [name, setName] = useState(member.name);
  const [email, setEmail] = useState(member.email ?? "");
  const [role, setRole] = useState(member.role);
  const change = () => {
    const body = { name: name.trim(), role, ...(email.trim() && { email: email.trim() }) };
    return data(api.PATCH("/v1/members/{id}", { params: { path: { id: member.id } }, body }));
  };
  return (
    <FormDialog
      act={change}
      isComplete={name.trim() !== ""}
      onClose={onClose}
      onDone={() => {
        changed("members", "keys", "session");
        onClose();
      }}
      title={`Change ${member.name}`}
      verb="Save"
    >
      <TextField label="Name" onChange={(event) => setName(event.target.value)} required value={name} />
      <TextField
        label="E-mail"
        onChange={(event) => setEmail(event.target.value)}
        type="email"
        value={email}
      />
      <RoleField onChange={setRole} value={role} />
    </FormDialog>
  );
}

function ResetLink({ member, onClose }: { member: Member; onClose: () => void }) {
  const [link, setLink] = useState<string | null>(null);
  const title = `New password for ${member.name}`;
  if (link !== null) {
    return (
      <Dialog onClose={onClose} open title={title}>
        <Secret value={link} what="the link" />
        <div className="row">
          <Button kind="primary" onClick={onClose}>
            Done
          </Button>
        </div>
      </Dialog>
    );
  }
  return (
    <FormDialog
      act={() => data(api.POST("/v1/members/{id}/reset", { params: { path: { id: member.id } } }))}
      onClose={onClose}
      onDone={({ url }) => setLink(url)}
      title={title}
      verb="Make the link"
    >
      <p>The link is good for one use. With it {member.name} sets a new password, which ends all sessions.</p>
    </FormDialog>
  );
}
