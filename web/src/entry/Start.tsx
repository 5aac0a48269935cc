/** The start page: three steps for who comes first, and how things stand for who comes again. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { hubQuery, sessionQuery } from "../api/queries";
import { useCallKey } from "../keys";
import { Page } from "../shell/Page";
import { LinkButton } from "../ui/controls";
import { Notice } from "../ui/telling";
import { CallStep } from "./CallStep";
import { CodeStep } from "./CodeStep";
import { callOf } from "./firstCall";
import { Overview } from "./Overview";
import { ProviderStep } from "./ProviderStep";
import { useProgress } from "./progress";

export function Start() {
  const hub = useQuery(hubQuery).data;
  const session = useQuery(sessionQuery).data;
  const key = useCallKey();
  const [progress, advance] = useProgress();
  const [returning] = useState(progress.called);
  const [call, setCall] = useState(() => callOf("", ""));
  const connected = hub !== undefined && hub.connected_providers + hub.local_models.length > 0;
  const guide = (
    <ol className="guide">
      <CallStep done={progress.called} onCall={setCall} onDone={() => advance({ called: true })} />
      <CodeStep call={call} done={progress.copied} onCopied={() => advance({ copied: true })} />
      <ProviderStep done={connected} />
    </ol>
  );
  return (
    <Page
      actions={
        returning && (
          <>
            <LinkButton to="/workbench">Workbench</LinkButton>
            <LinkButton to="/models">Models</LinkButton>
            <LinkButton to="/console">Console</LinkButton>
          </>
        )
      }
      title="Start"
    >
      <div className="stack" data-wide>
        {hub?.welcome_needed && (
          <Notice tone="warn">
            <p>
              Nobody can sign in yet. The first start of the hub printed a link for its owner; a new one comes
              from <code>entrepot members welcome</code>. Everything works with a key, too.
            </p>
          </Notice>
        )}
        {session !== undefined && (returning || session) && (
          <Overview isGuided={!returning} signedIn={Boolean(session)} token={key} />
        )}
        {returning ? (
          <details className="details">
            <summary>First steps</summary>
            {guide}
          </details>
        ) : (
          guide
        )}
      </div>
    </Page>
  );
}
