/** How the model is called, step by step, and the code for it: by how much it shows, in every language. */
import { useState } from "react";
import { Link } from "react-router";
import type { ModelPage, Snippet } from "../../api/types";
import { CodeBlock } from "../../ui/CodeBlock";
import { protocol } from "../../ui/format";
import { Tabs } from "../../ui/Tabs";
import { workbenchPath } from "../addresses";

export function Examples({ page }: { page: ModelPage }) {
  const [language, setLanguage] = useState(page.snippets[0]?.language ?? "curl");
  const levels = new Map(page.snippets.map((each) => [each.level, each.level_label]));
  return (
    <>
      <Steps page={page} />
      <Tabs
        label="How much the example shows"
        tabs={[...levels].map(([level, label]) => ({
          id: level,
          label,
          content: (
            <Tabs
              label="Language"
              onChange={(next) => setLanguage(next as Snippet["language"])}
              tabs={page.snippets
                .filter((each) => each.level === level)
                .map((each) => ({ id: each.language, label: each.label, content: <Code snippet={each} /> }))}
              value={language}
            />
          ),
        }))}
      />
      {page.answer && (
        <details className="details">
          <summary>What comes back</summary>
          <div className="stack" data-tight>
            <p className="small muted">
              The answer to the minimal example with a test key. A live key gets the same fields.
            </p>
            <CodeBlock code={page.answer} syntax="json" what="the answer" />
          </div>
        </details>
      )}
    </>
  );
}

function Steps({ page }: { page: ModelPage }) {
  return (
    <ol className="steps">
      <li>
        <Link to="/console/keys">Make a key</Link>, or take a test key: its calls are simulated and cost
        nothing. Put it into the environment variable <code>ENTREPOT_API_KEY</code>.
      </li>
      <li>Copy an example and run it. The fewest fields stand under Minimal.</li>
      <li>
        Put your own text in, and more of the <Link to="#parameters">parameters</Link> where you need them.
        The <Link to={workbenchPath([page.id])}>workbench</Link> sets them by hand and writes the code under
        API.
      </li>
    </ol>
  );
}

function Code({ snippet }: { snippet: Snippet }) {
  return (
    <div className="stack" data-tight>
      <p className="small muted">Protocol: {protocol(snippet.protocol)}</p>
      <CodeBlock
        code={snippet.code}
        syntax={snippet.syntax}
        what={`${snippet.label}, ${snippet.level_label.toLowerCase()}`}
      />
    </div>
  );
}
