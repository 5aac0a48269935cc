/** The dialog that invites somebody. The hub sends no mail: whoever invites passes the link on. */
import { useState } from "react";
import { api, data } from "../../api/client";
import type { Role } from "../../api/types";
import { Button, SelectField, TextField } from "../../ui/controls";
import { Dialog } from "../../ui/Dialog";
import { FormDialog } from "../FormDialog";
import { changed } from "../queries";
import { Secret } from "../Secret";
import { ROLES } from "./roles";

export function Invite({ onClose }: { onClose: () => void }) {
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<Role>("developer");
  const [link, setLink] = useState<string | null>(null);
  const title = "Invite a member";
  if (link !== null) {
    return (
      <Dialog onClose={onClose} open title={title}>
        <p>The hub sends no mail. Pass this link on to {email}; it is good for one use.</p>
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
      act={() => data(api.POST("/v1/invitations", { body: { email: email.trim(), role } }))}
      isComplete={email.trim() !== ""}
      onClose={onClose}
      onDone={({ token }) => {
        changed("invitations");
        setLink(`${location.origin}/invitation#${token}`);
      }}
      title={title}
      verb="Make the link"
    >
      <TextField
        autoComplete="off"
        label="E-mail"
        onChange={(event) => setEmail(event.target.value)}
        required
        type="email"
        value={email}
      />
      <RoleField onChange={setRole} value={role} />
    </FormDialog>
  );
}

export function RoleField({ value, onChange }: { value: Role; onChange: (role: Role) => void }) {
  return (
    <SelectField
      help={ROLES.find(({ role }) => role === value)?.may}
      label="Role"
      onChange={(event) => onChange(ROLES.find(({ role }) => role === event.target.value)?.role ?? value)}
      value={value}
    >
      {ROLES.map(({ role }) => (
        <option key={role}>{role}</option>
      ))}
    </SelectField>
  );
}
