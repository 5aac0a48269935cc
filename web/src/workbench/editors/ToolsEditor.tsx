/** The tools that a model may call, and whether it must. */
import { useState } from "react";
import { Button, Field, SelectField } from "../../ui/controls";
import { Menu } from "../../ui/Menu";
import type { Tool, ToolChoice } from "../call";
import { ToolCard } from "./ToolCard";
import { choiceAmong, namesBut, readTools, TEMPLATES } from "./tools";

interface Props {
  tools: readonly Tool[];
  toolChoice: ToolChoice | null;
  onChange: (tools: readonly Tool[], toolChoice: ToolChoice | null) => void;
}

export function ToolsEditor({ tools, toolChoice, onChange }: Props) {
  const [pasting, setPasting] = useState(false);
  const change = (next: readonly Tool[]) => onChange(next, choiceAmong(next, toolChoice));
  const add = (added: readonly Tool[]) => {
    const next = [...tools];
    for (const tool of added) next.push({ ...tool, name: free(tool.name, next) });
    change(next);
  };
  const replace = (index: number, tool: Tool) => {
    const old = tools[index]?.name;
    const next = tools.map((each, place) => (place === index ? tool : each));
    const named = typeof toolChoice === "object" && toolChoice?.name === old;
    onChange(next, named ? { name: tool.name } : toolChoice);
  };
  return (
    <section aria-label="Tools" className="stack" data-tight>
      <div className="row" data-spread>
        <h3>Tools</h3>
        <div className="row">
          <Menu
            items={[
              ...TEMPLATES.map(({ label, tool }) => ({ label, onSelect: () => add([tool]) })),
              { label: "Paste JSON…", onSelect: () => setPasting(true) },
            ]}
            label="Add"
            name="Add a tool"
          />
        </div>
      </div>
      {pasting && (
        <Paste
          onClose={() => setPasting(false)}
          onTools={(pasted) => {
            add(pasted);
            setPasting(false);
          }}
        />
      )}
      {tools.length === 0 && !pasting && (
        <p className="small faint">
          No tools. Add one to see how the model calls it; you type in what it returns.
        </p>
      )}
      {tools.map((tool, index) => (
        <ToolCard
          // biome-ignore lint/suspicious/noArrayIndexKey: a name changes while it is typed
          key={index}
          onChange={(next) => replace(index, next)}
          onRemove={() => change(tools.filter((_, place) => place !== index))}
          others={namesBut(tools, index)}
          tool={tool}
        />
      ))}
      {tools.length > 0 && (
        <SelectField
          label="Tool choice"
          onChange={(event) => onChange(tools, choiceOf(event.target.value))}
          value={shownChoice(toolChoice)}
        >
          <option value="">Not set (the model decides)</option>
          <option value="auto">auto: the model decides</option>
          <option value="none">none: no tool</option>
          <option value="required">required: some tool</option>
          {tools.map(({ name }) => (
            <option key={name} value={`=${name}`}>
              {name}: this tool
            </option>
          ))}
        </SelectField>
      )}
    </section>
  );
}

function Paste({ onTools, onClose }: { onTools: (tools: Tool[]) => void; onClose: () => void }) {
  const [text, setText] = useState("");
  const [error, setError] = useState<string | null>(null);
  const read = () => {
    try {
      onTools(readTools(text));
    } catch (reason) {
      setError(reason instanceof Error ? reason.message : "This cannot be read.");
    }
  };
  return (
    <form
      className="stack panel"
      data-tight
      onSubmit={(event) => {
        event.preventDefault();
        read();
      }}
    >
      <Field
        error={error}
        help="One tool or a list, as OpenAI or Anthropic write them, or a whole request with tools."
        label="Tools as JSON"
      >
        {(ties) => (
          <textarea
            {...ties}
            className="textarea mono"
            onChange={(event) => setText(event.target.value)}
            rows={6}
            spellCheck={false}
            value={text}
          />
        )}
      </Field>
      <div className="row">
        <Button disabled={text.trim() === ""} kind="primary" small type="submit">
          Add tools
        </Button>
        <Button kind="quiet" onClick={onClose} small>
          Cancel
        </Button>
      </div>
    </form>
  );
}

function free(name: string, tools: readonly Tool[]): string {
  const taken = new Set(tools.map((tool) => tool.name));
  let candidate = name;
  for (let count = 2; taken.has(candidate); count += 1) candidate = `${name}_${count}`;
  return candidate;
}

/** Names stand behind `=`, so that a tool called "auto" is not taken for the word. */
function shownChoice(choice: ToolChoice | null): string {
  return choice === null ? "" : typeof choice === "string" ? choice : `=${choice.name}`;
}

function choiceOf(value: string): ToolChoice | null {
  if (value.startsWith("=")) return { name: value.slice(1) };
  return value === "auto" || value === "none" || value === "required" ? value : null;
}
