/** Signing in by e-mail address and password. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useLocation } from "react-router";
import { ApiError } from "../api/client";
import { sessionQuery } from "../api/queries";
import { TextField } from "../ui/controls";
import { PasswordField } from "../ui/PasswordField";
import { Notice } from "../ui/telling";
import { EntryForm, useEntering } from "./EntryForm";
import { signIn } from "./entering";
import { nextPath } from "./next";

export function SignIn() {
  const [given, setGiven] = useState({ email: "", password: "", organisation_id: "" });
  const set = (field: keyof typeof given) => (value: string) => setGiven({ ...given, [field]: value });
  const [checked, setChecked] = useState(false);
  const missing = (value: string, what: string) => (checked && value.trim() === "" ? what : null);
  const entering = useEntering(() =>
    signIn({ ...given, organisation_id: given.organisation_id.trim() || null }),
  );
  const ready = () => {
    setChecked(true);
    return given.email.trim() !== "" && given.password.trim() !== "";
  };
  return (
    <EntryForm action="Sign in" entering={entering} explained={explained} ready={ready} title="Sign in">
      <Present />
      <TextField
        autoComplete="username"
        error={missing(given.email, "Give your e-mail address.")}
        inputMode="email"
        label="E-mail address"
        name="email"
        onChange={(event) => set("email")(event.target.value)}
        type="email"
        value={given.email}
      />
      <PasswordField
        error={missing(given.password, "Give your password.")}
        label="Password"
        onChange={set("password")}
        value={given.password}
      />
      <details className="details">
        <summary>Member of several organisations?</summary>
        <TextField
          autoComplete="off"
          help="With the same address in several, the oldest membership is meant unless one is named here."
          label="Id of the organisation"
          onChange={(event) => set("organisation_id")(event.target.value)}
          placeholder="org_…"
          spellCheck={false}
          value={given.organisation_id}
        />
      </details>
    </EntryForm>
  );
}

function Present() {
  const session = useQuery(sessionQuery);
  const { search } = useLocation();
  if (!session.data) return null;
  const { member, organisation } = session.data;
  return (
    <Notice>
      <p>
        You are signed in as {member.name} of {organisation.name}.{" "}
        <Link to={nextPath(search, location.origin)}>Go on as {member.name}</Link>
      </p>
    </Notice>
  );
}

function explained(error: Error) {
  if (!(error instanceof ApiError) || error.code !== "invalid_credentials") return null;
  return (
    <Notice tone="bad">
      <p>{error.message}</p>
      <p className="small">
        Forgotten? An owner makes a link for a new password in the console, under Members. Who runs the hub
        makes one with <code>entrepot members reset</code>; for the very first owner with{" "}
        <code>entrepot members welcome</code>.
      </p>
    </Notice>
  );
}
