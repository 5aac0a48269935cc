/** One's own account: who one is here, and another password. */
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { api, data } from "../../api/client";
import { Page } from "../../shell/Page";
import { Button } from "../../ui/controls";
import { PasswordField, SHORTEST } from "../../ui/PasswordField";
import { Failure, Notice, Stat, Stats } from "../../ui/telling";
import { changed } from "../queries";
import { useSession } from "../session";

export function Account() {
  const { member, organisation } = useSession();
  return (
    <Page title="Account">
      <div className="stack" data-wide>
        <Stats>
          <Stat name="Name" value={member.name} />
          <Stat name="E-mail" value={member.email ?? "none"} />
          <Stat name="Role" value={member.role} />
          <Stat name="Organisation" note={organisation.id} value={organisation.name} />
        </Stats>
        <Password />
      </div>
    </Page>
  );
}

function Password() {
  const [password, setPassword] = useState("");
  const [next, setNext] = useState("");
  const changing = useMutation({
    mutationFn: () => data(api.POST("/v1/session/password", { body: { password, new_password: next } })),
    onSuccess: () => {
      setPassword("");
      setNext("");
      changed("session");
    },
  });
  const isShort = next !== "" && next.length < SHORTEST;
  return (
    <section className="stack">
      <h2>Change password</h2>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          changing.mutate();
        }}
      >
        <p className="muted">All other sessions end.</p>
        <PasswordField label="Present password" onChange={setPassword} value={password} />
        <PasswordField
          error={isShort ? `At least ${SHORTEST} characters.` : null}
          fresh
          label="New password"
          onChange={setNext}
          value={next}
        />
        {changing.isError && <Failure error={changing.error} />}
        {changing.isSuccess && <Notice tone="good">The password is changed.</Notice>}
        <div className="row">
          <Button
            disabled={password === "" || next.length < SHORTEST || changing.isPending}
            kind="primary"
            type="submit"
          >
            Change password
          </Button>
        </div>
      </form>
    </section>
  );
}
