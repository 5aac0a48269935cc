/** The places of administration: keys, limits, members, providers, settings, the audit log and one's own account. */
import type { RouteObject } from "react-router";

export const administrationRoutes: RouteObject[] = [
  { path: "keys", lazy: async () => ({ Component: (await import("./keys/Keys")).Keys }) },
  { path: "limits", lazy: async () => ({ Component: (await import("./limits/Limits")).Limits }) },
  { path: "members", lazy: async () => ({ Component: (await import("./members/Members")).Members }) },
  { path: "providers", lazy: async () => ({ Component: (await import("./providers/Providers")).Providers }) },
  { path: "settings", lazy: async () => ({ Component: (await import("./settings/Settings")).Settings }) },
  { path: "audit", lazy: async () => ({ Component: (await import("./audit/Audit")).Audit }) },
  { path: "account", lazy: async () => ({ Component: (await import("./account/Account")).Account }) },
];
