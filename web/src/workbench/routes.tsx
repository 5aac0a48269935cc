/** The workbench. */
import type { RouteObject } from "react-router";

export const workbenchRoutes: RouteObject[] = [
  { path: "/workbench", lazy: async () => ({ Component: (await import("./Workbench")).Workbench }) },
];
