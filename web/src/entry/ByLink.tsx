/** The three ways in by a link that was passed on: the first owner, a new password, an invitation. */
import { type ReactNode, useState } from "react";
import { ApiError } from "../api/client";
import { Page } from "../shell/Page";
import { LinkButton, TextField } from "../ui/controls";
import { PasswordField, SHORTEST } from "../ui/PasswordField";
import { Empty, Notice } from "../ui/telling";
import { EntryForm, useEntering } from "./EntryForm";
import { accept, reset, welcome } from "./entering";
import { useLinkToken } from "./linkToken";

interface Given {
  name: string;
  email: string;
  password: string;
}

type Asked = keyof Given;

interface Props {
  title: string;
  intro: ReactNode;
  action: string;
  asked: readonly Asked[];
  enter: (given: Given & { token: string }) => ReturnType<typeof reset>;
  /** Where a new link comes from. */
  renewal: ReactNode;
}

export function Welcome() {
  return (
    <ByLink
      action="Set and sign in"
      asked={["name", "email", "password"]}
      enter={({ token, name, email, password }) => welcome({ token, name, email, password })}
      intro="You run this hub. Set the address and the password with which you sign in from now on."
      renewal={
        <>
          Make a new one where the hub runs: <code>entrepot members welcome</code>. It is good for a day and
          once.
        </>
      }
      title="Welcome"
    />
  );
}

export function Reset() {
  return (
    <ByLink
      action="Set and sign in"
      asked={["password"]}
      enter={({ token, password }) => reset({ token, password })}
      intro="A new password signs you out everywhere else."
      renewal={
        <>
          An owner makes a new one in the console, under Members, or where the hub runs:{" "}
          <code>entrepot members reset</code>.
        </>
      }
      title="Set a new password"
    />
  );
}

export function Invitation() {
  return (
    <ByLink
      action="Join"
      asked={["name", "password"]}
      enter={({ token, name, password }) => accept({ token, name, password })}
      intro="You are invited to this hub. Your e-mail address is the one that the invitation was made for."
      renewal="Ask who invited you for a new one. If you have joined already, sign in."
      title="Join"
    />
  );
}

function ByLink({ title, intro, action, asked, enter, renewal }: Props) {
  const token = useLinkToken();
  const [given, setGiven] = useState<Given>({ name: "", email: "", password: "" });
  const [checked, setChecked] = useState(false);
  const wrong = (field: Asked) => (checked ? problem(field, given[field]) : null);
  const entering = useEntering(() => enter({ ...given, token }));
  const ready = () => {
    setChecked(true);
    return asked.every((field) => problem(field, given[field]) === null);
  };
  const set = (field: Asked) => (value: string) => setGiven({ ...given, [field]: value });
  if (token === "") return <NoLink renewal={renewal} title={title} />;
  return (
    <EntryForm
      action={action}
      entering={entering}
      explained={(error) => explained(error, renewal)}
      intro={intro}
      ready={ready}
      title={title}
    >
      {asked.includes("name") && (
        <TextField
          autoComplete="name"
          error={wrong("name")}
          label="Your name"
          maxLength={200}
          onChange={(event) => set("name")(event.target.value)}
          value={given.name}
        />
      )}
      {asked.includes("email") && (
        <TextField
          autoComplete="username"
          error={wrong("email")}
          inputMode="email"
          label="E-mail address"
          onChange={(event) => set("email")(event.target.value)}
          type="email"
          value={given.email}
        />
      )}
      <PasswordField
        error={wrong("password")}
        fresh
        label="Password"
        onChange={set("password")}
        value={given.password}
      />
    </EntryForm>
  );
}

function NoLink({ title, renewal }: { title: string; renewal: ReactNode }) {
  return (
    <Page title={title}>
      <Empty title="This page is opened by a link.">
        <p>Open the whole link again, with everything behind the #. Once used, it is no longer good.</p>
        <p>{renewal}</p>
        <LinkButton to="/sign-in">Sign in</LinkButton>
      </Empty>
    </Page>
  );
}

function explained(error: Error, renewal: ReactNode): ReactNode {
  if (!(error instanceof ApiError) || error.code !== "link_not_found") return null;
  return (
    <Notice tone="bad">
      <p>{error.message}</p>
      <p>{renewal}</p>
    </Notice>
  );
}

function problem(field: Asked, value: string): string | null {
  if (field === "name") return value.trim() === "" ? "Give a name." : null;
  if (field === "email")
    return /^[^@\s]{1,64}@[^@\s]{1,189}$/.test(value.trim()) ? null : "Give an e-mail address.";
  return [...value].length < SHORTEST ? `At least ${SHORTEST} characters.` : null;
}
