/** The dialog that invites somebody. The hub sends no mail: whoever invites passes the link on. */
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { api, data } from "../../api/client";
import type { Role } from "../../api/types";
import { Button, SelectField, TextField } from "../../ui/controls";
import { Dialog } from "../../ui/Dialog";
import { Failure } from "../../ui/telling";
import { changed } from "../queries";
import { Secret } from "../Secret";
import { ROLES } from "./roles";

export function Invite({ onClose }: { onClose: () => void }) {
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<Role>("developer");
  const inviting = useMutation({
    mutationFn: async () => await data(api.POST("/v1/invitations", { body: { email: email.trim(), role } })),
    onSuccess: () => changed("invitations"),
  });
  return (
    <Dialog onClose={onClose} open title="Invite a member">
      {inviting.data ? (
        <>
          <p>The hub sends no mail. Pass this link on to {email}; it is good for one use.</p>
          <Secret value={`${location.origin}/invitation#${inviting.data.token}`} what="the link" />
          <div className="row">
            <Button kind="primary" onClick={onClose}>
              Done
            </Button>
          </div>
        </>
      ) : (
        <form
          className="form"
          onSubmit={(event) => {
            event.preventDefault();
            inviting.mutate();
          }}
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
          {inviting.isError && <Failure error={inviting.error} />}
          <div className="row">
            <Button disabled={email.trim() === "" || inviting.isPending} kind="primary" type="submit">
              Make the link
            </Button>
            <Button onClick={onClose}>Cancel</Button>
          </div>
        </form>
      )}
    </Dialog>
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
