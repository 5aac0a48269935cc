/** The sections of a page that are lists and sentences. */
import { Fragment } from "react";
import { Link } from "react-router";
import type { ModelPage } from "../../api/types";
import { CodeBlock } from "../../ui/CodeBlock";
import { Copy } from "../../ui/Copy";
import { Badge } from "../../ui/telling";
import { workbenchPath } from "../addresses";

interface Props {
  page: ModelPage;
}

export function Features({ page }: Props) {
  return (
    <>
      {page.features.length > 0 && (
        <ul className="row">
          {page.features.map(({ name, label }) => (
            <li key={name}>
              <Badge>{label}</Badge>
            </li>
          ))}
        </ul>
      )}
      {page.supported_parameters.length > 0 && (
        <>
          <h3>Supported parameters</h3>
          <ul className="row">
            {page.supported_parameters.map((name) => (
              <li key={name}>
                <code className="badge">{name}</code>
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

export function Endpoints({ page }: Props) {
  const record = page.endpoints.find(({ name }) => name === "This model");
  return (
    <>
      <dl className="endpoints">
        {page.endpoints.map(({ name, method, url }) => (
          <div className="fact" key={name}>
            <dt className="fact-name">{name}</dt>
            <dd className="endpoint">
              <Badge>{method}</Badge>
              <code className="mono endpoint-url">{url}</code>
              <Copy text={url} what={`the address of ${name}`} />
            </dd>
          </div>
        ))}
      </dl>
      {record && (
        <>
          <h3>Fetch this model's record</h3>
          <p className="muted">
            It holds what stands on this page in short, and the JSON Schema of its requests in{" "}
            <code>json_request_schema</code>. The <a href="/openapi.json">OpenAPI document</a> describes every
            route.
          </p>
          <CodeBlock
            code={`curl ${record.url} \\\n  -H "Authorization: Bearer $ENTREPOT_API_KEY"`}
            syntax="sh"
            what="the call that fetches the record"
          />
        </>
      )}
    </>
  );
}

export function Uses({ page }: Props) {
  const lists = [
    ["Use cases", page.use_cases],
    ["Strengths", page.strengths],
    ["Limits", page.limits],
  ] as const;
  return (
    <div className="columns">
      {lists.map(
        ([title, items]) =>
          items.length > 0 && (
            <div className="stack" data-tight key={title}>
              <h3>{title}</h3>
              <ul className="bullets">
                {items.map((item) => (
                  <li key={item}>{item}</li>
                ))}
              </ul>
            </div>
          ),
      )}
    </div>
  );
}

export function Questions({ page }: Props) {
  return (
    <div className="prose-width">
      {page.faq.map(({ question, answer }) => (
        <details className="details" key={question}>
          <summary>{question}</summary>
          <p>{answer}</p>
        </details>
      ))}
    </div>
  );
}

export function Prompts({ page }: Props) {
  return (
    <ul className="bullets">
      {page.suggested_prompts.map((prompt) => (
        <li key={prompt}>
          <Link to={workbenchPath([page.id], prompt)}>{prompt}</Link>
        </li>
      ))}
    </ul>
  );
}

export function Links({ page }: Props) {
  return (
    <>
      {page.links.length > 0 && (
        <ul className="bullets">
          {page.links.map(({ title, url, kind }) => (
            <li key={url}>
              <Outside url={url}>{title}</Outside> <span className="faint">{kind}</span>
            </li>
          ))}
        </ul>
      )}
      {page.sources.length > 0 && (
        <>
          <h3>Where the facts were read</h3>
          <ul className="bullets small muted">
            {page.sources.map((source) => (
              <li key={source}>
                <Source text={source} />
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

/** A source is an address, maybe with a word on what was read there. */
function Source({ text }: { text: string }) {
  return text.split(/(https?:\/\/[^\s)]+)/).map((part) =>
    part.startsWith("http") ? (
      <Outside key={part} url={part}>
        {part}
      </Outside>
    ) : (
      <Fragment key={part}>{part}</Fragment>
    ),
  );
}

/** A text that is no address of the web stays a text. */
function Outside({ url, children }: { url: string; children: string }) {
  if (!/^https?:\/\//.test(url)) return children;
  return (
    <a className="outside" href={url} rel="noopener noreferrer" target="_blank">
      {children}
    </a>
  );
}
