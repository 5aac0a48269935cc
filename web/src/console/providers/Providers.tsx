/** Where calls can be sent: what each provider needs, how it is doing, and whether it can be reached. */
import { useQuery } from "@tanstack/react-query";
import type { Provider } from "../../api/types";
import { Page } from "../../shell/Page";
import { Answered } from "../../ui/Answered";
import { Notice } from "../../ui/telling";
import { providersQuery } from "../queries";
import { ProviderPanel } from "./ProviderPanel";

export function Providers() {
  const providers = useQuery(providersQuery);
  return (
    <Page title="Providers">
      <Answered query={providers}>
        {(rows) => {
          const [connected, others] = parted(rows);
          return (
            <div className="stack" data-wide>
              <Connect isFirst={connected.every(({ credential }) => credential.status === "not_needed")} />
              <Group providers={connected} title="Connected" />
              <Group providers={others} title="Not connected" />
            </div>
          );
        }}
      </Answered>
    </Page>
  );
}

/** Those that can be called, and those that lack something. */
function parted(providers: readonly Provider[]): [Provider[], Provider[]] {
  return [providers.filter(({ available }) => available), providers.filter(({ available }) => !available)];
}

function Group({ title, providers }: { title: string; providers: readonly Provider[] }) {
  if (providers.length === 0) return null;
  return (
    <section className="stack">
      <h2>
        {title} <span className="faint">{providers.length}</span>
      </h2>
      <div className="stack" data-tight>
        {providers.map((provider) => (
          <ProviderPanel key={provider.id} provider={provider} />
        ))}
      </div>
    </section>
  );
}

function Connect({ isFirst }: { isFirst: boolean }) {
  return (
    <Notice tone={isFirst ? "warn" : undefined}>
      {isFirst && (
        <p>
          <strong>No provider is connected yet.</strong> Until then only test keys get answers.
        </p>
      )}
      <p>
        A provider is connected by its key in the hub's environment, under the name shown with it, and a
        restart of the hub. Keys of providers are never entered in a browser and never shown.
      </p>
    </Notice>
  );
}
