/** Which key calls the models: one that is pasted, or one made for this browser by who has signed in. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useLocation } from "react-router";
import { ApiError, api, data } from "../../api/client";
import { sessionQuery } from "../../api/queries";
import type { NewKey, Session } from "../../api/types";
import { KEY_HOLDERS } from "../../console/session";
import { bearer, type CallKey, keyOf, prefixOf, setCallKey, useCallKey } from "../../keys";
import { Button, LinkButton, TextField } from "../../ui/controls";
import { Badge, Failure } from "../../ui/telling";

const DAY_MS = 86_400_000;

export function KeyPicker() {
  const key = useCallKey();
  return key === null ? <Choice /> : <Mode value={key} />;
}

/** The banner that says where calls go. */
function Mode({ value }: { value: CallKey }) {
  const test = value.mode === "test";
  return (
    <section aria-label="Key" className="notice key-mode" data-tone={test ? "good" : "warn"}>
      <Badge tone={test ? "good" : "warn"}>{test ? "TEST MODE" : "LIVE"}</Badge>
      <span>
        {test
          ? "The sandbox answers. Nothing is sent to a provider and nothing is spent."
          : "Calls go to providers and cost money."}
      </span>
      <code className="faint">{prefixOf(value)}</code>
      <Button kind="quiet" onClick={() => setCallKey(null)} small>
        Forget key
      </Button>
    </section>
  );
}

function Choice() {
  const session = useQuery(sessionQuery);
  const { pathname, search } = useLocation();
  return (
    <section aria-label="Key" className="panel stack" data-tight>
      <h3>Which key calls?</h3>
      {session.data ? (
        <Make session={session.data} />
      ) : (
        <p className="small muted">
          A test key tries everything without spending anything. The first start of the hub printed one.
        </p>
      )}
      <Paste />
      {session.data === null && (
        <div className="row">
          <LinkButton small to={`/sign-in?next=${encodeURIComponent(pathname + search)}`}>
            Sign in to make one
          </LinkButton>
        </div>
      )}
    </section>
  );
}

function Make({ session }: { session: Session }) {
  const made = useMutation({
    mutationFn: (mode: CallKey["mode"]) => make(session, mode),
    onSuccess: ({ key }) => setCallKey(key),
  });
  if (!KEY_HOLDERS.includes(session.member.role)) {
    return (
      <p className="small muted">
        Your role, {session.member.role}, makes no keys. Ask an owner or admin for one and paste it here.
      </p>
    );
  }
  return (
    <>
      <div className="row">
        <Button disabled={made.isPending} kind="primary" onClick={() => made.mutate("test")}>
          Make a test key for this browser
        </Button>
        <Button disabled={made.isPending} onClick={() => made.mutate("live")}>
          Make a live key
        </Button>
      </div>
      <p className="small muted">
        It stays in this tab and ends in a day. With a live key calls go to providers and cost money.
      </p>
      {made.isError && <Failure error={made.error} />}
    </>
  );
}

function Paste() {
  const [text, setText] = useState("");
  const taken = useMutation({ mutationFn: take });
  const error = taken.error instanceof ApiError && taken.error.status === 0 ? null : taken.error;
  return (
    <form
      className="stack"
      data-tight
      onSubmit={(event) => {
        event.preventDefault();
        taken.mutate(text);
      }}
    >
      <div className="key-paste">
        <TextField
          autoComplete="off"
          error={error?.message}
          label="Paste a key"
          onChange={(event) => {
            taken.reset();
            setText(event.target.value);
          }}
          placeholder="ep-test-…"
          spellCheck={false}
          type="password"
          value={text}
        />
        <Button disabled={text.trim() === "" || taken.isPending} type="submit">
          Use
        </Button>
      </div>
      {taken.isError && error === null && <Failure error={taken.error} />}
    </form>
  );
}

/** Keeps a pasted key once the hub knows it. Throws Error. */
async function take(text: string): Promise<void> {
  const key = keyOf(text);
  if (key === null) throw new Error("This is no key of this hub. Keys begin with ep-test- or ep-live-.");
  await data(api.GET("/v1/key", { headers: bearer(key) }));
  setCallKey(key.token);
}

async function make(session: Session, mode: CallKey["mode"]): Promise<NewKey> {
  return data(
    api.POST("/v1/keys", {
      body: {
        name: "Workbench",
        mode,
        scopes: ["inference"],
        expires_at: new Date(Date.now() + DAY_MS).toISOString(),
        member_id: session.member.id,
      },
    }),
  );
}
