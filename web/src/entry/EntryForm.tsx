/** The frame of the forms by which people come in: a narrow page, one form, and what went wrong in words. */
import { type UseMutationResult, useMutation } from "@tanstack/react-query";
import { type ReactNode, useEffect, useState } from "react";
import { useLocation, useNavigate } from "react-router";
import { ApiError } from "../api/client";
import type { Session } from "../api/types";
import { Page } from "../shell/Page";
import { Button } from "../ui/controls";
import { duration } from "../ui/format";
import { Failure, Notice } from "../ui/telling";
import { entered } from "./entering";
import { nextPath } from "./next";

interface Props {
  title: string;
  intro?: ReactNode;
  action: string;
  entering: UseMutationResult<Session, Error, void>;
  /** Whether what was typed can be sent; what cannot is marked where it stands. */
  ready: () => boolean;
  /** What stands in place of the error where the page can say more than the hub. */
  explained?: (error: Error) => ReactNode;
  children: ReactNode;
}

/** After it is done the reader is where they wanted to go. */
export function useEntering(enter: () => Promise<Session>): UseMutationResult<Session, Error, void> {
  const navigate = useNavigate();
  const { search } = useLocation();
  return useMutation({
    mutationFn: () => enter(),
    onSuccess: (session) => {
      entered(session);
      return navigate(nextPath(search, location.origin), { replace: true });
    },
  });
}

export function EntryForm({ title, intro, action, entering, ready, explained, children }: Props) {
  const waitS = useWait(entering.error);
  return (
    <Page title={title}>
      <form
        className="form entry"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (waitS === 0 && !entering.isPending && ready()) entering.mutate();
        }}
      >
        {intro && <p className="muted">{intro}</p>}
        {children}
        {entering.isError && <Told error={entering.error} explained={explained} waitS={waitS} />}
        <div className="row">
          <Button disabled={entering.isPending || waitS > 0} kind="primary" type="submit">
            {entering.isPending ? "One moment…" : action}
          </Button>
        </div>
      </form>
    </Page>
  );
}

function Told({ error, explained, waitS }: { error: Error; explained: Props["explained"]; waitS: number }) {
  if (isLockout(error)) {
    return (
      <Notice tone="bad">
        <p>There were too many failed attempts.</p>
        <p>
          {waitS > 0
            ? `The next one can be made in ${waitS < 60 ? `${waitS} s` : duration(waitS * 1000)}.`
            : "You can try again now."}
        </p>
      </Notice>
    );
  }
  return explained?.(error) ?? <Failure error={error} />;
}

/** Seconds until the hub takes another attempt. */
function useWait(error: Error | null): number {
  const [leftS, setLeftS] = useState(0);
  useEffect(() => {
    if (!isLockout(error)) return setLeftS(0);
    const until = Date.now() + (error.retryAfterS ?? 1) * 1000;
    const tell = () => setLeftS(Math.max(0, Math.ceil((until - Date.now()) / 1000)));
    tell();
    const timer = setInterval(tell, 500);
    return () => clearInterval(timer);
  }, [error]);
  return leftS;
}

function isLockout(error: Error | null): error is ApiError {
  return error instanceof ApiError && error.status === 429;
}
