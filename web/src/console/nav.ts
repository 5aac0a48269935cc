/** The places of the console, in the order of its navigation, with the roles that may see each. One line for a place. */
import type { Role } from "../api/types";

export interface Place {
  /** Below `/console`; empty for the console itself. */
  path: string;
  label: string;
  roles: readonly Role[];
}

const ALL: readonly Role[] = ["owner", "admin", "developer", "viewer", "billing"];
const MONEY: readonly Role[] = ["owner", "admin", "viewer", "billing"];

export const PLACES: readonly Place[] = [
  { path: "", label: "Overview", roles: ALL },
  { path: "logs", label: "Logs", roles: ALL },
  { path: "wallet", label: "Wallet", roles: MONEY },
  { path: "statements", label: "Statements", roles: MONEY },
];

export function address(place: Place): string {
  return place.path === "" ? "/console" : `/console/${place.path}`;
}

/** The place that an address belongs to, if it is one of those that are listed. */
export function placeAt(pathname: string): Place | undefined {
  const [, , path = ""] = pathname.split("/");
  return PLACES.find((place) => place.path === path);
}
