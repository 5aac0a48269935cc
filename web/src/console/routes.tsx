/** The console's addresses: one folder for each place, fetched when it is first gone to. */
import type { RouteObject } from "react-router";

export const consoleRoutes: RouteObject[] = [
  {
    path: "/console",
    lazy: async () => ({ Component: (await import("./Console")).Console }),
    children: [
      {
        index: true,
        lazy: async () => ({ Component: (await import("./overview/Overview")).Overview }),
      },
      { path: "logs", lazy: async () => ({ Component: (await import("./logs/Logs")).Logs }) },
      { path: "logs/:id", lazy: async () => ({ Component: (await import("./logs/Log")).Log }) },
      { path: "wallet", lazy: async () => ({ Component: (await import("./wallet/Wallet")).Wallet }) },
      {
        path: "statements/:month?",
        lazy: async () => ({ Component: (await import("./statements/Statements")).Statements }),
      },
      { path: "keys", lazy: async () => ({ Component: (await import("./keys/Keys")).Keys }) },
      { path: "limits", lazy: async () => ({ Component: (await import("./limits/Limits")).Limits }) },
      { path: "members", lazy: async () => ({ Component: (await import("./members/Members")).Members }) },
      {
        path: "providers",
        lazy: async () => ({ Component: (await import("./providers/Providers")).Providers }),
      },
      { path: "settings", lazy: async () => ({ Component: (await import("./settings/Settings")).Settings }) },
      { path: "audit", lazy: async () => ({ Component: (await import("./audit/Audit")).Audit }) },
      { path: "account", lazy: async () => ({ Component: (await import("./account/Account")).Account }) },
    ],
  },
];
