/** The third step: a provider's key, so that live calls have somewhere to go. */
import { useQuery } from "@tanstack/react-query";
import { sessionQuery } from "../api/queries";
import type { Provider } from "../api/types";
import { providersQuery } from "../console/queries";
import { LinkButton } from "../ui/controls";
import { Table } from "../ui/Table";
import { Badge } from "../ui/telling";
import { Step } from "./Step";

export function ProviderStep({ done }: { done: boolean }) {
  const session = useQuery(sessionQuery).data;
  const providers = useQuery({ ...providersQuery, enabled: Boolean(session), retry: false });
  return (
    <Step done={done} title="Connect a provider">
      <p className="muted">
        {done
          ? "A provider is connected: live keys reach its models."
          : "Live calls need a provider. Put its API key into the environment in which the hub starts, and start it again:"}
      </p>
      {providers.data ? (
        <Variables providers={providers.data} />
      ) : (
        <>
          <pre className="code-line">
            <code>{"export OPENAI_API_KEY=…\nexport ANTHROPIC_API_KEY=…\nentrepot serve"}</code>
          </pre>
          {!session && <p className="small muted">Sign in to see every variable that the hub looks for.</p>}
        </>
      )}
      <div className="row">
        <LinkButton to="/console/providers">Providers in the console</LinkButton>
      </div>
    </Step>
  );
}

function Variables({ providers }: { providers: readonly Provider[] }) {
  const named = providers.filter((provider) => provider.credential.variable !== null);
  return (
    <Table
      caption="Providers and the variables that hold their keys"
      columns={[
        { head: "Provider", cell: (provider) => provider.name },
        { head: "Variable", cell: (provider) => <code>{provider.credential.variable}</code> },
        {
          head: "State",
          cell: (provider) =>
            provider.available ? <Badge tone="good">connected</Badge> : <Badge>not connected</Badge>,
        },
      ]}
      rowKey={(provider) => provider.id}
      rows={named}
    />
  );
}
