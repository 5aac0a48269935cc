/** The places of administration: keys, limits, members, the audit log and one's own account. */
import type { RouteObject } from "react-router";

export const administrationRoutes: RouteObject[] = [
  { path: "keys", lazy: async () => ({ Component: (await import("./keys/Keys")).Keys }) },
  { path: "limits", lazy: async () => ({ Component: (await import("./limits/Limits")).Limits }) },
  { path: "members", lazy: async () => ({ Component: (await import("./members/Members")).Members }) },
  { path: "audit", lazy: async () => ({ Component: (await import("./audit/Audit")).Audit }) },
  { path: "account", lazy: async () => ({ Component: (await import("./account/Account")).Account }) },
];
