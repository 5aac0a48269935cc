/** The second step: the same call as a program. */
import { lazy, Suspense } from "react";
import { type CallKey, prefixOf, useCallKey } from "../keys";
import { Copy } from "../ui/Copy";
import { Loading } from "../ui/telling";
import type { Call } from "../workbench/call";
import { DIALECTS } from "../workbench/protocols/table";
import { Step } from "./Step";

const CodePanel = lazy(() =>
  import("../workbench/editors/CodePanel").then((module) => ({ default: module.CodePanel })),
);

interface Props {
  call: Call;
  done: boolean;
  onCopied: () => void;
}

export function CodeStep({ call, done, onCopied }: Props) {
  const key = useCallKey();
  const { path, body } = DIALECTS[call.protocol].request(call);
  return (
    <Step done={done} title="Copy the code">
      {call.model === "" ? (
        <p className="muted">The code of your call stands here once there is a model to call.</p>
      ) : (
        <>
          {key !== null && <Export value={key} />}
          <Suspense fallback={<Loading />}>
            <CodePanel calls={[{ path, body, model: call.model }]} onCopied={onCopied} />
          </Suspense>
        </>
      )}
    </Step>
  );
}

/** The key is shown no further than its prefix, and copied whole. */
function Export({ value }: { value: CallKey }) {
  const command = (token: string) => `export ENTREPOT_API_KEY=${token}`;
  return (
    <div className="row">
      <code>{command(prefixOf(value))}</code>
      <Copy text={command(value.token)} what="the key as an environment variable" />
    </div>
  );
}
