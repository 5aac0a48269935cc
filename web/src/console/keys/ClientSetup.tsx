/** Lines that point coding agents and SDKs at this hub, with the key in them. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { modelPageQuery } from "../../api/queries";
import type { ClientTool } from "../../api/types";
import { CodeBlock } from "../../ui/CodeBlock";
import { SelectField } from "../../ui/controls";
import { Failure, Loading } from "../../ui/telling";

/** Any model's page tells how clients are set up; which model is meant can be changed in the lines. */
const SOME_MODEL = "gpt-4.1-mini";

export function ClientSetup({ token, model }: { token: string; model: string | null }) {
  const page = useQuery(modelPageQuery(model ?? SOME_MODEL));
  const [chosen, setChosen] = useState("");
  if (page.isPending) return <Loading />;
  if (page.isError) return <Failure error={page.error} />;
  const tool = page.data.tools.find(({ id }) => id === chosen) ?? page.data.tools[0];
  return (
    <section className="stack">
      <SelectField
        label="Lines for"
        onChange={(event) => setChosen(event.target.value)}
        value={tool?.id ?? ""}
      >
        {page.data.tools.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </SelectField>
      {tool && <Lines token={token} tool={tool} />}
    </section>
  );
}

function Lines({ tool, token }: { tool: ClientTool; token: string }) {
  return (
    <div className="stack" data-tight>
      <CodeBlock
        code={`export ENTREPOT_API_KEY=${token}\n${tool.shell}`}
        syntax="sh"
        what={`lines for ${tool.name}`}
      />
      {tool.file && (
        <>
          <p className="small muted">
            And in <code>{tool.path}</code>:
          </p>
          <CodeBlock
            code={tool.file}
            syntax={tool.path?.endsWith(".json") ? "json" : "text"}
            what={`file for ${tool.name}`}
          />
        </>
      )}
    </div>
  );
}
