/** What the calls on screen would use and cost, told while they are written. Nothing is sent to a provider for it. */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { ApiError, api, data } from "../../api/client";
import { sessionQuery } from "../../api/queries";
import type { Estimate } from "../../api/types";
import { bearer, type CallKey, useCallKey } from "../../keys";
import { count, usd } from "../../ui/format";
import { grouped, protocolOf, type SameCall, type SentCall } from "./requests";

const PAUSE_MS = 500;
/** Larger requests are not sent to and fro for an estimate. */
const MOST_CHARACTERS = 4_000_000;

type State = "waiting" | { estimates: readonly Estimate[] } | { problem: string };

export function EstimateLine({ calls }: { calls: readonly SentCall[] }) {
  const key = useCallKey();
  const signedIn = Boolean(useQuery(sessionQuery).data);
  const state = useEstimate(calls, key, signedIn);
  if (calls.length === 0) return null;
  return (
    <div aria-label="Estimate" className="estimate small" role="status">
      {state === "waiting" ? (
        <span className="faint">Estimating…</span>
      ) : "problem" in state ? (
        <span className="faint">{state.problem}</span>
      ) : (
        state.estimates.map((estimate, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the same model may stand there twice
          <Line estimate={estimate} key={index} named={state.estimates.length > 1} />
        ))
      )}
      {key?.mode === "test" && state !== "waiting" && "estimates" in state && (
        <span className="faint">That is what live calls would cost. In test mode nothing is charged.</span>
      )}
    </div>
  );
}

function Line({ estimate, named }: { estimate: Estimate; named: boolean }) {
  const known = estimate.likely_cost_usd !== null;
  return (
    <span className="estimate-line">
      {named && <strong>{estimate.model}</strong>}
      <span>{count(estimate.input_tokens)} tokens in</span>
      {known ? (
        <>
          <span>likely {usd(estimate.likely_cost_usd)}</span>
          <span className="muted">at most {usd(estimate.most_cost_usd)}</span>
        </>
      ) : (
        <span className="muted">cost unknown</span>
      )}
      {estimate.fits_context === false && <span className="invalid">more than its context holds</span>}
    </span>
  );
}

function useEstimate(calls: readonly SentCall[], key: CallKey | null, signedIn: boolean): State {
  const text = JSON.stringify(calls);
  const [answered, setAnswered] = useState<{ to: string; state: State } | null>(null);
  useEffect(() => {
    if (key === null && !signedIn) return;
    const abort = new AbortController();
    const timer = setTimeout(() => {
      const parsed = JSON.parse(text) as readonly SentCall[];
      estimates(parsed, key, abort.signal).then(
        (state) => setAnswered({ to: text, state }),
        (error: unknown) =>
          !abort.signal.aborted && setAnswered({ to: text, state: { problem: told(error) } }),
      );
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [text, key, signedIn]);
  if (key === null && !signedIn) return { problem: "An estimate needs a key, or to be signed in." };
  return answered?.state ?? "waiting";
}

async function estimates(
  calls: readonly SentCall[],
  key: CallKey | null,
  signal: AbortSignal,
): Promise<State> {
  if (JSON.stringify(calls).length > MOST_CHARACTERS) {
    return { problem: "No estimate: the attachments are too large to count while you write." };
  }
  const groups = await Promise.all(grouped(calls).map((group) => estimated(group, key, signal)));
  return { estimates: groups.flat() };
}

async function estimated(group: SameCall, key: CallKey | null, signal: AbortSignal): Promise<Estimate[]> {
  const { path, body, models } = group;
  const spec = { request: body as Record<string, never>, models: [...models], protocol: protocolOf(path) };
  const headers = bearer(key);
  const answer = await data(api.POST("/v1/estimate", { body: spec, headers, signal }));
  return answer.data;
}

function told(error: unknown): string {
  return `No estimate: ${error instanceof ApiError ? error.message : "the hub could not be asked."}`;
}
