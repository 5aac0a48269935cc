import type { RouteObject } from "react-router";

export const workbenchRoutes: RouteObject[] = [];
