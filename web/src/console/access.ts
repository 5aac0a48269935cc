/** What a role may do in the console, as far as a screen shows or hides it. The hub decides; this only spares refusals. */
import { useQuery } from "@tanstack/react-query";
import { sessionQuery } from "../api/queries";
import type { Role } from "../api/types";

export const MANAGERS: readonly Role[] = ["owner", "admin"];
export const KEY_HOLDERS: readonly Role[] = [...MANAGERS, "developer"];

export function useRole(): Role | null {
  return useQuery(sessionQuery).data?.member.role ?? null;
}

export function useIsManager(): boolean {
  const role = useRole();
  return role !== null && MANAGERS.includes(role);
}
