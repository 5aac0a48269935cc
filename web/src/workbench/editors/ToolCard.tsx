/** One tool, folded to its name until it is edited. */
import { Button, Check, TextField } from "../../ui/controls";
import { Badge } from "../../ui/telling";
import type { Tool } from "../call";
import { SchemaField } from "./SchemaField";
import { nameProblem, parameterProblems } from "./tools";

interface Props {
  tool: Tool;
  /** Names that are taken. */
  others: readonly string[];
  onChange: (tool: Tool) => void;
  onRemove: () => void;
}

export function ToolCard({ tool, others, onChange, onRemove }: Props) {
  const wrongName = nameProblem(tool.name, others);
  const wrong = parameterProblems(tool);
  const count = wrong.length + (wrongName === null ? 0 : 1);
  return (
    <details className="details tool">
      <summary>
        <code>{tool.name || "unnamed"}</code>
        {tool.strict && <Badge>strict</Badge>}
        {count > 0 && <Badge tone="bad">{count === 1 ? "1 problem" : `${count} problems`}</Badge>}
      </summary>
      <div className="stack" data-tight>
        <TextField
          autoComplete="off"
          error={wrongName}
          label="Name"
          onChange={(event) => onChange({ ...tool, name: event.target.value })}
          spellCheck={false}
          value={tool.name}
        />
        <TextField
          label="Description"
          onChange={(event) => onChange({ ...tool, description: event.target.value })}
          placeholder="What it does, and when to call it"
          value={tool.description}
        />
        <SchemaField
          label={`Parameters of ${tool.name}`}
          onChange={(parameters) => onChange({ ...tool, parameters })}
          problems={wrong}
          schema={tool.parameters}
        />
        <div className="row" data-spread>
          <Check
            checked={tool.strict}
            label="Strict: arguments always fit the schema"
            onChange={(event) => onChange({ ...tool, strict: event.target.checked })}
          />
          <Button kind="danger" onClick={onRemove} small>
            Remove
          </Button>
        </div>
      </div>
    </details>
  );
}
