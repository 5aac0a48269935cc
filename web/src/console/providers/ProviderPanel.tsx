/** One provider: its credential's place, a test of the connection, and its offers. */
import { useMutation } from "@tanstack/react-query";
import { Link } from "react-router";
import { api, data } from "../../api/client";
import type { Provider, ProviderOffer, ProviderTest } from "../../api/types";
import { Button } from "../../ui/controls";
import { count, duration, percent, protocol, time } from "../../ui/format";
import { type Column, Table } from "../../ui/Table";
import { Badge, Failure, Notice, type Tone } from "../../ui/telling";
import { useIsManager } from "../session";

const STATES: Record<ProviderOffer["state"], { label: string; tone: Tone }> = {
  closed: { label: "in use", tone: "good" },
  half_open: { label: "being tried again", tone: "warn" },
  open: { label: "resting", tone: "bad" },
};

const COLUMNS: readonly Column<ProviderOffer>[] = [
  { head: "Model", cell: (offer) => <Link to={`/models/${offer.model}`}>{offer.model}</Link> },
  { head: "There called", cell: (offer) => <span className="mono">{offer.upstream_model}</span> },
  { head: "Protocol", cell: (offer) => protocol(offer.dialect) },
  { head: "State", cell: (offer) => <State offer={offer} /> },
  { head: "Calls, 24 h", cell: (offer) => count(offer.requests), number: true },
  {
    head: "Failed",
    cell: (offer) => (offer.requests === 0 ? count(null) : percent(offer.failed / offer.requests)),
    number: true,
  },
  { head: "First token, p50", cell: (offer) => duration(offer.p50_ttft_ms), number: true },
];

export function ProviderPanel({ provider }: { provider: Provider }) {
  const isManager = useIsManager();
  return (
    <article className="panel stack" data-tight>
      <div className="row" data-spread>
        <div className="row">
          <h3>{provider.name}</h3>
          <span className="mono faint">{provider.id}</span>
          <Credential provider={provider} />
        </div>
        {isManager && provider.available && <Test provider={provider} />}
      </div>
      <p className="row small muted">
        {provider.base_url && <span className="mono">{provider.base_url}</span>}
        {provider.docs_url && (
          <a href={provider.docs_url} rel="noopener noreferrer" target="_blank">
            Documentation
          </a>
        )}
      </p>
      {provider.todo && <p>To connect it: {provider.todo}.</p>}
      {provider.offers.length > 0 && (
        <details className="details">
          <summary>
            {provider.offers.length === 1 ? "1 model" : `${provider.offers.length} models`}{" "}
            {provider.offers.some(({ state }) => state !== "closed") && (
              <Badge tone="warn">some are resting</Badge>
            )}
          </summary>
          <Table
            caption={`Models at ${provider.name}`}
            columns={COLUMNS}
            rowKey={({ model, upstream_model }) => `${model} ${upstream_model}`}
            rows={provider.offers}
          />
        </details>
      )}
    </article>
  );
}

function State({ offer }: { offer: ProviderOffer }) {
  const { label, tone } = STATES[offer.state];
  return (
    <span className="row">
      <Badge tone={tone}>{label}</Badge>
      {offer.rests_until && <span className="small muted">until {time(offer.rests_until)}</span>}
    </span>
  );
}

function Credential({ provider }: { provider: Provider }) {
  const { status, variable, file } = provider.credential;
  if (status === "not_needed") return <Badge>needs no key</Badge>;
  const place = <code>{variable ?? file}</code>;
  return status === "present" ? (
    <Badge tone="good">key from {place}</Badge>
  ) : (
    <Badge tone="warn">no key in {place}</Badge>
  );
}

function Test({ provider }: { provider: Provider }) {
  const testing = useMutation({
    mutationFn: (): Promise<ProviderTest> =>
      data(api.POST("/v1/providers/{id}/test", { params: { path: { id: provider.id } } })),
  });
  return (
    <>
      <Button disabled={testing.isPending} onClick={() => testing.mutate()} small>
        {testing.isPending ? "Testing…" : "Test the connection"}
        <span className="visually-hidden">to {provider.name}</span>
      </Button>
      {testing.isError && <Failure error={testing.error} />}
      {testing.data && <Outcome outcome={testing.data} />}
    </>
  );
}

function Outcome({ outcome }: { outcome: ProviderTest }) {
  const took = `${outcome.status ? `HTTP ${outcome.status}, ` : ""}${duration(outcome.elapsed_ms)}`;
  return (
    <div className="outcome" role="status">
      <Notice tone={outcome.ok ? "good" : "bad"}>
        <p>
          {outcome.ok
            ? `It answers, and takes the key (${took}).`
            : `${outcome.error?.message ?? "It failed."} (${took})`}
        </p>
      </Notice>
    </div>
  );
}
