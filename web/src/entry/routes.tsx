/** The start page, and the pages by which people come in. */
import type { RouteObject } from "react-router";

export const entryRoutes: RouteObject[] = [
  { path: "/", lazy: async () => ({ Component: (await import("./Start")).Start }) },
  { path: "/sign-in", lazy: async () => ({ Component: (await import("./SignIn")).SignIn }) },
  { path: "/welcome", lazy: async () => ({ Component: (await import("./ByLink")).Welcome }) },
  { path: "/reset", lazy: async () => ({ Component: (await import("./ByLink")).Reset }) },
  { path: "/invitation", lazy: async () => ({ Component: (await import("./ByLink")).Invitation }) },
];
