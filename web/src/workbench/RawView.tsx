/** What went over the wire for one answer: request, response and every event with its time. */
import { useVirtualizer } from "@tanstack/react-virtual";
import { useRef } from "react";
import { CodeBlock } from "../ui/CodeBlock";
import { Copy } from "../ui/Copy";
import { Dialog } from "../ui/Dialog";
import { count, duration } from "../ui/format";
import { Tabs } from "../ui/Tabs";
import { Empty, Notice } from "../ui/telling";
import type { Raw } from "./run";
import type { Run } from "./state";

export function RawView({ run, onClose }: { run: Run; onClose: () => void }) {
  return (
    <Dialog onClose={onClose} open title={`Raw exchange with ${run.model}`} wide>
      {run.raw === null ? (
        <Empty title="What went over the wire is no longer kept.">
          It is kept for the newest answers, as long as this page is open.
        </Empty>
      ) : (
        <Parts raw={run.raw} />
      )}
    </Dialog>
  );
}

function Parts({ raw }: { raw: Raw }) {
  return (
    <Tabs
      label="Raw exchange"
      tabs={[
        { id: "request", label: "Request", content: <Request raw={raw} /> },
        { id: "response", label: "Response", content: <Response raw={raw} /> },
        {
          id: "events",
          label: `Events (${count(raw.events.length + raw.omitted)})`,
          content: <Events raw={raw} />,
        },
      ]}
    />
  );
}

function Request({ raw }: { raw: Raw }) {
  const { method, url, headers, body } = raw.request;
  const head = [`${method} ${url}`, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)];
  return (
    <div className="stack" data-tight>
      <CodeBlock code={head.join("\n")} syntax="http" what="head of the request" />
      <CodeBlock code={JSON.stringify(body, shortened, 2)} syntax="json" what="body as shown" />
      <div className="row">
        <Copy label="Copy whole body" text={() => JSON.stringify(body)} />
      </div>
    </div>
  );
}

const SHOWN = 2000;

/** Files that are sent along would fill the page. */
function shortened(_: string, value: unknown): unknown {
  return typeof value === "string" && value.length > SHOWN
    ? `${value.slice(0, 100)}… (${count(value.length)} characters)`
    : value;
}

function Response({ raw }: { raw: Raw }) {
  if (raw.response === null) return <Empty title="No answer came." />;
  const { status, headers, atMs } = raw.response;
  const head = [`HTTP ${status}`, ...headers.map(([name, value]) => `${name}: ${value}`)];
  return (
    <div className="stack" data-tight>
      <p className="small muted">Its head came after {duration(atMs)}.</p>
      <CodeBlock code={head.join("\n")} syntax="http" what="head of the response" />
      {raw.body !== null && <CodeBlock code={pretty(raw.body)} syntax="json" what="body" />}
    </div>
  );
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

const ROW_PX = 44;

function Events({ raw }: { raw: Raw }) {
  const host = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: raw.events.length,
    getScrollElement: () => host.current,
    estimateSize: () => ROW_PX,
    overscan: 8,
  });
  if (raw.events.length === 0) return <Empty title="There were no events." />;
  return (
    <div className="stack" data-tight>
      {raw.omitted > 0 && (
        <Notice tone="warn">
          <p>
            Only the first {count(raw.events.length)} events are kept; {count(raw.omitted)} more came after
            them.
          </p>
        </Notice>
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section aria-label="Events" className="events" ref={host} tabIndex={0}>
        <ol style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map((row) => {
            const event = raw.events[row.index];
            return (
              event && (
                <li
                  aria-posinset={row.index + 1}
                  aria-setsize={raw.events.length}
                  data-index={row.index}
                  key={row.key}
                  ref={rows.measureElement}
                  style={{ transform: `translateY(${row.start}px)` }}
                >
                  <span className="faint">+{Math.round(event.atMs)} ms</span>
                  {event.type !== "message" && <strong>{event.type}</strong>}
                  <code>{event.data}</code>
                </li>
              )
            );
          })}
        </ol>
      </section>
      <div className="row">
        <Copy
          label="Copy all events"
          text={() => raw.events.map(({ atMs, data }) => `+${Math.round(atMs)} ms ${data}`).join("\n")}
        />
      </div>
    </div>
  );
}
