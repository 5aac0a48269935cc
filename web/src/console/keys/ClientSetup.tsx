/** Lines that point coding agents and SDKs at this hub, with the key in them. */
import { useQuery } from "@tanstack/react-query";
import { modelPageQuery } from "../../api/queries";
import type { ModelPage } from "../../api/types";
import { CodeBlock } from "../../ui/CodeBlock";
import { Tabs } from "../../ui/Tabs";
import { Failure, Loading } from "../../ui/telling";

/** Any model's page tells how clients are set up; which model is meant can be changed in the lines. */
const SOME_MODEL = "gpt-4.1-mini";

export function ClientSetup({ token, model }: { token: string; model: string | null }) {
  const page = useQuery(modelPageQuery(model ?? SOME_MODEL));
  if (page.isPending) return <Loading />;
  if (page.isError) return <Failure error={page.error} />;
  return (
    <section className="stack">
      <h3>Use it in</h3>
      <Tabs label="Clients" tabs={page.data.tools.map((tool) => tab(tool, token))} />
    </section>
  );
}

function tab(tool: ModelPage["tools"][number], token: string) {
  return {
    id: tool.id,
    label: tool.name,
    content: (
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
            <CodeBlock code={tool.file} syntax={tool.path?.endsWith(".json") ? "json" : "text"} what="file" />
          </>
        )}
      </div>
    ),
  };
}
