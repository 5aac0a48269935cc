/** The calls on screen as programs: exactly the bodies that would be sent, in every language that speaks the protocol. */
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { api, data } from "../../api/client";
import type { SnippetList } from "../../api/types";
import { recall, remember } from "../../stored";
import { Answered } from "../../ui/Answered";
import { CodeBlock } from "../../ui/CodeBlock";
import { SelectField } from "../../ui/controls";
import { Empty } from "../../ui/telling";
import { type Parted, parted, shortened, whole } from "./code";
import { protocolOf, type SentCall } from "./requests";

const PLACE = "entrepot.language";

interface Props {
  calls: readonly SentCall[];
  onCopied?: () => void;
}

export function CodePanel({ calls, onCopied }: Props) {
  const [chosen, setChosen] = useState(0);
  const call = calls[Math.min(chosen, calls.length - 1)];
  if (call === undefined) {
    return <Empty title="No model is chosen.">Choose one to see the code of its call.</Empty>;
  }
  return (
    <section aria-label="Code" className="stack">
      {calls.length > 1 && (
        <SelectField
          label="Call of"
          onChange={(event) => setChosen(Number(event.target.value))}
          value={calls.indexOf(call)}
        >
          {calls.map(({ model }, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the same model may stand there twice
            <option key={index} value={index}>
              {index + 1}. {model}
            </option>
          ))}
        </SelectField>
      )}
      <Programs call={call} onCopied={onCopied} />
    </section>
  );
}

function Programs({ call, onCopied }: { call: SentCall; onCopied: Props["onCopied"] }) {
  const text = JSON.stringify(call.body);
  const { body, urls } = useMemo(() => parted(JSON.parse(text)), [text]);
  const query = useQuery({
    queryKey: ["snippets", call.path, body],
    queryFn: ({ signal }) => snippets(call.path, body, signal),
    placeholderData: (before) => before,
  });
  return (
    <Answered query={query}>{(list) => <Languages list={list} onCopied={onCopied} urls={urls} />}</Answered>
  );
}

interface LanguagesProps {
  list: SnippetList;
  urls: Parted["urls"];
  onCopied: Props["onCopied"];
}

function Languages({ list, urls, onCopied }: LanguagesProps) {
  const [language, setLanguage] = useState(() => recall(PLACE) ?? "curl");
  const shown = list.data.find((each) => each.language === language) ?? list.data[0];
  if (shown === undefined) return null;
  const choose = (next: string) => {
    setLanguage(next);
    remember(PLACE, next);
  };
  return (
    <div className="stack" data-tight>
      <fieldset aria-label="Language" className="pills">
        {list.data.map((each) => (
          <label key={each.language}>
            <input
              checked={each === shown}
              className="visually-hidden"
              name="language"
              onChange={() => choose(each.language)}
              type="radio"
            />
            {each.label}
          </label>
        ))}
      </fieldset>
      <CodeBlock
        code={shortened(shown.code, urls)}
        copied={() => {
          onCopied?.();
          return whole(shown.code, urls);
        }}
        syntax={shown.syntax}
        what={shown.label}
      />
      <p className="small muted">
        The key is read from the environment variable <code>{list.key_variable}</code>. The request goes to{" "}
        <code>{list.url}</code>.
      </p>
    </div>
  );
}

function snippets(path: string, body: unknown, signal: AbortSignal): Promise<SnippetList> {
  const spec = { body: body as Record<string, never>, protocol: protocolOf(path), languages: null };
  return data(api.POST("/v1/snippets", { body: spec, signal }));
}
