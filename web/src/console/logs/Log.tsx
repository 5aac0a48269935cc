/** One call's story: who asked for what, who answered, how long it took, and what became of the money. */
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link, useParams } from "react-router";
import type { LogDetail } from "../../api/types";
import { Page } from "../../shell/Page";
import { Answered } from "../../ui/Answered";
import { Copy } from "../../ui/Copy";
import { LinkButton } from "../../ui/controls";
import { protocol, UNKNOWN, usd, utc } from "../../ui/format";
import { Badge, Notice } from "../../ui/telling";
import { useNames } from "../names";
import { logQuery } from "../queries";
import { useRunsTheHub } from "../session";
import { Outcome } from "./Calls";
import { explained } from "./failures";
import { Money } from "./Money";
import { Timing } from "./Timing";
import { Tokens } from "./Tokens";

export function Log() {
  const { id = "" } = useParams();
  const query = useQuery(logQuery(id));
  return (
    <Page
      actions={query.data && <Actions log={query.data} />}
      heading={
        <div className="stack" data-tight>
          <Link className="small" to="/console/logs">
            Logs
          </Link>
          <div className="row">
            <h1>Call</h1>
            <code>{id}</code>
            <Copy text={id} what="request id" />
          </div>
        </div>
      }
      title={`Call ${id}`}
    >
      <Answered query={query}>{(log) => <Story log={log} />}</Answered>
    </Page>
  );
}

function Actions({ log }: { log: LogDetail }) {
  const runsTheHub = useRunsTheHub();
  const isRefunded = log.entries.some(({ kind }) => kind === "refund");
  const canRefund = runsTheHub && !isRefunded && Number(log.cost_usd ?? 0) > 0;
  return (
    <>
      {canRefund && (
        <LinkButton to={`/console/wallet?refund=${encodeURIComponent(log.request_id)}`}>Refund</LinkButton>
      )}
      {log.model !== null && (
        <LinkButton to={`/workbench?model=${encodeURIComponent(log.asked)}`}>Open in workbench</LinkButton>
      )}
    </>
  );
}

function Story({ log }: { log: LogDetail }) {
  return (
    <div className="stack" data-wide>
      {log.outcome === "failed" && (
        <Notice tone={log.status === 499 ? "warn" : "bad"}>
          <p>
            <strong>
              {log.status} {log.error_code ?? ""}
            </strong>
          </p>
          <p>{explained(log.status, log.error_code)}</p>
        </Notice>
      )}
      <Facts log={log} />
      <Timing log={log} />
      <Tokens log={log} />
      <Money log={log} />
      <p className="small muted">
        What was said in a call is not kept, nor are the parameters it was sent with.
      </p>
    </div>
  );
}

function Facts({ log }: { log: LogDetail }) {
  const names = useNames();
  return (
    <dl className="facts">
      <Fact name="Outcome">
        <Outcome row={log} />
      </Fact>
      <Fact name="Began (UTC)">{utc(log.created_at)}</Fact>
      <Fact name="Cost">{usd(log.cost_usd)}</Fact>
      <Fact name="Key">
        {log.key_id === null ? (
          UNKNOWN
        ) : (
          <Link to={`/console/logs?key=${encodeURIComponent(log.key_id)}`}>{names.key(log.key_id)}</Link>
        )}{" "}
        {log.mode === "test" && <Badge tone="accent">test</Badge>}
      </Fact>
      <Fact name="Member">{names.member(log.member_id)}</Fact>
      <Fact name="Project">{log.project ?? UNKNOWN}</Fact>
      <Fact name="Asked for">
        <span className="mono">{log.asked}</span>
      </Fact>
      <Fact name="Model">
        {log.model === null ? "None has this name" : <Link to={`/models/${log.model}`}>{log.model}</Link>}
      </Fact>
      <Fact name="Provider">{log.provider ?? UNKNOWN}</Fact>
      <Fact name="Sent to the provider as">
        <span className="mono">{log.offered ?? UNKNOWN}</span>
      </Fact>
      <Fact name="Answered by">
        <span className="mono">{log.answered ?? UNKNOWN}</span>
      </Fact>
      <Fact name="Attempts">{log.attempts}</Fact>
      <Fact name="Protocol">{protocol(log.dialect)}</Fact>
      <Fact name="Streamed">{log.stream ? "Yes" : "No"}</Fact>
      <Fact name="Finish">{log.finish ?? UNKNOWN}</Fact>
      {log.answer_id !== null && (
        <Fact name="Id of the answer">
          <span className="mono">{log.answer_id}</span>
        </Fact>
      )}
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
