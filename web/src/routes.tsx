/** Every address of the application. Each area lists its own; a page is fetched when it is first gone to. */
import { createBrowserRouter } from "react-router";
import { consoleRoutes } from "./console/routes";
import { entryRoutes } from "./entry/routes";
import { modelRoutes } from "./models/routes";
import { Broken, Nowhere } from "./shell/Broken";
import { Frame } from "./shell/Frame";
import { Loading } from "./ui/telling";
import { workbenchRoutes } from "./workbench/routes";

export const router = createBrowserRouter([
  {
    Component: Frame,
    ErrorBoundary: Broken,
    HydrateFallback: Loading,
    children: [
      ...entryRoutes,
      ...modelRoutes,
      ...workbenchRoutes,
      ...consoleRoutes,
      { path: "*", Component: Nowhere },
    ],
  },
]);
