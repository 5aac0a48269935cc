/** The places of the console, in the order of its navigation, with the roles that may see each. One line for a place. */
import type { Role, Session } from "../api/types";

export interface Place {
  /** Below `/console`; empty for the console itself. */
  path: string;
  label: string;
  roles: readonly Role[];
  /** Only for members of the organisation that runs the hub. */
  house?: boolean;
}

const ALL: readonly Role[] = ["owner", "admin", "developer", "viewer", "billing"];
const MONEY: readonly Role[] = ["owner", "admin", "viewer", "billing"];

export const PLACES: readonly Place[] = [
  { path: "", label: "Overview", roles: ALL },
  { path: "logs", label: "Logs", roles: ALL },
  { path: "keys", label: "Keys", roles: ["owner", "admin", "developer", "viewer"] },
  { path: "limits", label: "Limits", roles: MONEY },
  { path: "wallet", label: "Wallet", roles: MONEY },
  { path: "statements", label: "Statements", roles: MONEY },
  { path: "members", label: "Members", roles: ALL },
  { path: "providers", label: "Providers", roles: ["owner", "admin", "viewer"], house: true },
  { path: "settings", label: "Settings", roles: ["owner", "admin", "viewer"], house: true },
  { path: "audit", label: "Audit log", roles: ["owner", "admin"] },
  { path: "account", label: "Account", roles: ALL },
];

export function isFor(place: Place, { member, organisation }: Session): boolean {
  return place.roles.includes(member.role) && (!place.house || organisation.house);
}

export function address(place: Place): string {
  return place.path === "" ? "/console" : `/console/${place.path}`;
}

/** The place that an address belongs to, if it is one of those that are listed. */
export function placeAt(pathname: string): Place | undefined {
  const [, , path = ""] = pathname.split("/");
  return PLACES.find((place) => place.path === path);
}
