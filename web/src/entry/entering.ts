/** Signing in and the ways to a password, as the hub's API has them. Each ends with a session. */
import { api, data } from "../api/client";
import { queryClient, sessionQuery } from "../api/queries";
import type { Session } from "../api/types";

interface Credentials {
  email: string;
  password: string;
  /** For who has the same address in several organisations. */
  organisation_id: string | null;
}

export async function signIn(given: Credentials): Promise<Session> {
  return data(api.POST("/v1/session", { body: given }));
}

export async function welcome(given: {
  token: string;
  name: string;
  email: string;
  password: string;
}): Promise<Session> {
  return data(api.POST("/v1/session/welcome", { body: given }));
}

export async function reset(given: { token: string; password: string }): Promise<Session> {
  return data(api.POST("/v1/session/reset", { body: given }));
}

/** The invited person becomes a member and signs in. */
export async function accept(given: { token: string; name: string; password: string }): Promise<Session> {
  const member = await data(api.POST("/v1/invitations/accept", { body: given }));
  const { email, organisation_id } = member;
  return signIn({ email: email ?? "", password: given.password, organisation_id });
}

/** What was fetched as nobody, or as someone else, is fetched anew. */
export function entered(session: Session): void {
  queryClient.clear();
  queryClient.setQueryData(sessionQuery.queryKey, session);
}
