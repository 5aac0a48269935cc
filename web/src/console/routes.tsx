/** The console's addresses: one folder for each place, fetched when it is first gone to. */
import type { RouteObject } from "react-router";
import { administrationRoutes } from "./administration";

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
      ...administrationRoutes,
    ],
  },
];
