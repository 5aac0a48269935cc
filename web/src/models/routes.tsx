/** The model pages. Their own addresses go before `/models/*`, where a model's name may have slashes in it. */
import { type RouteObject, redirect } from "react-router";

export const modelRoutes: RouteObject[] = [
  { path: "/models", lazy: async () => ({ Component: (await import("./Catalogue")).Catalogue }) },
  { path: "/models/compare", lazy: async () => ({ Component: (await import("./Compare")).Compare }) },
  { path: "/compare", loader: ({ request }) => redirect(`/models/compare${new URL(request.url).search}`) },
  {
    path: "/models/deprecations",
    lazy: async () => ({ Component: (await import("./Deprecations")).Deprecations }),
  },
  { path: "/models/*", lazy: async () => ({ Component: (await import("./ModelPage")).ModelPage }) },
];
