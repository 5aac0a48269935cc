/** How clients are pointed at this hub and model. */
import type { ClientTool, ModelPage } from "../../api/types";
import { CodeBlock } from "../../ui/CodeBlock";
import { Tabs } from "../../ui/Tabs";

export function ToolTabs({ page }: { page: ModelPage }) {
  return (
    <Tabs
      label="Tool"
      tabs={page.tools.map((tool) => ({ id: tool.id, label: tool.name, content: <Recipe tool={tool} /> }))}
    />
  );
}

function Recipe({ tool }: { tool: ClientTool }) {
  return (
    <div className="stack" data-tight>
      <CodeBlock code={tool.shell} syntax="sh" what={`the shell lines for ${tool.name}`} />
      {tool.file !== null && tool.path !== null && (
        <>
          <p className="small muted">
            <code>{tool.path}</code>
          </p>
          <CodeBlock code={tool.file} syntax={tool.path.split(".").at(-1) ?? ""} what={tool.path} />
        </>
      )}
    </div>
  );
}
