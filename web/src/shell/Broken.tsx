/** What stands where a page cannot: an address that leads nowhere, or a fault of the page itself. */
import { isRouteErrorResponse, useRouteError } from "react-router";
import { LinkButton } from "../ui/controls";
import { Empty, Failure } from "../ui/telling";
import { Page } from "./Page";

export function Broken() {
  const error = useRouteError();
  if (isRouteErrorResponse(error) && error.status === 404) return <Nowhere />;
  return (
    <Page title="This page failed">
      <Failure error={error} onRetry={() => location.reload()} />
    </Page>
  );
}

export function Nowhere() {
  return (
    <Page title="Nothing here">
      <Empty title="There is no page at this address.">
        <LinkButton to="/models">See the models</LinkButton>
      </Empty>
    </Page>
  );
}
