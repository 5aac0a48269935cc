/** Who has signed in, for the places inside of the console. */
import { createContext, useContext } from "react";
import type { Role, Session } from "../api/types";

export const SessionContext = createContext<Session | null>(null);

const MANAGERS: readonly Role[] = ["owner", "admin"];
export const KEY_HOLDERS: readonly Role[] = [...MANAGERS, "developer"];

/** Throws outside of the console, where nobody needs to have signed in. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) throw new Error("useSession is for places of the console");
  return session;
}

export function useIsManager(): boolean {
  return MANAGERS.includes(useSession().member.role);
}

/** Whether the member manages the house, and so the money of all. */
export function useRunsTheHub(): boolean {
  const isManager = useIsManager();
  return useSession().organisation.house && isManager;
}
