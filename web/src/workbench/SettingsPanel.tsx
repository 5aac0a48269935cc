/** What all columns are asked with: protocol, system prompt, parameters, tools and the form of the answer. */
import { Field } from "../ui/controls";
import { Segments } from "../ui/Segments";
import { Loading } from "../ui/telling";
import { useBench, useEngine, useModels } from "./bench";
import { FormatEditor } from "./editors/FormatEditor";
import { ParameterForm } from "./editors/ParameterForm";
import { ToolsEditor } from "./editors/ToolsEditor";
import { DIALECTS, PROTOCOLS } from "./protocols/table";
import { useSchema } from "./schema";
import type { Settings } from "./state";

export function SettingsPanel() {
  const engine = useEngine();
  const settings = useBench((bench) => bench.settings);
  const models = useModels();
  const schema = useSchema(models);
  const set = (changed: Partial<Settings>) => engine.dispatch({ type: "set", settings: changed });
  return (
    <div className="stack settings">
      <div className="field">
        <span className="label">Protocol</span>
        <Segments
          label="Protocol"
          onChange={(protocol) => set({ protocol })}
          options={PROTOCOLS.map((id) => ({ id, label: DIALECTS[id].label }))}
          value={settings.protocol}
        />
      </div>
      <Field label="System prompt">
        {(ties) => (
          <textarea
            {...ties}
            className="textarea"
            onChange={(event) => set({ system: event.target.value })}
            placeholder="What the models are told before anything else"
            rows={4}
            value={settings.system}
          />
        )}
      </Field>
      {schema === null ? (
        models.length > 0 && <Loading what="Loading the parameters…" />
      ) : (
        <ParameterForm
          onChange={(parameters) => set({ parameters })}
          protocol={settings.protocol}
          schema={schema}
          values={settings.parameters}
        />
      )}
      <ToolsEditor
        onChange={(tools, toolChoice) => set({ tools, toolChoice })}
        toolChoice={settings.toolChoice}
        tools={settings.tools}
      />
      <FormatEditor onChange={(format) => set({ format })} value={settings.format} />
    </div>
  );
}
