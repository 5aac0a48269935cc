/** What a model wrote, as Markdown. It is hostile: no markup of its own, no image is fetched, links open apart. */
import { memo } from "react";
import ReactMarkdown, { type Components } from "react-markdown";
import remarkGfm from "remark-gfm";
import { CodeBlock } from "./CodeBlock";

const COMPONENTS: Components = {
  a: ({ href, children }) => (
    <a href={href} rel="noopener noreferrer nofollow" target="_blank">
      {children}
    </a>
  ),
  img: ({ src, alt }) =>
    typeof src === "string" && src !== "" ? (
      <a href={src} rel="noopener noreferrer nofollow" target="_blank">
        Image{alt ? `: ${alt}` : ""}
      </a>
    ) : null,
  pre: ({ node }) => {
    const [child] = node?.children ?? [];
    if (child?.type !== "element") return null;
    const language = /language-(\S+)/.exec(String(child.properties.className ?? ""))?.[1] ?? "";
    const [text] = child.children;
    return <CodeBlock code={text?.type === "text" ? text.value.replace(/\n$/, "") : ""} syntax={language} />;
  },
};

export const Markdown = memo(function Markdown({ text }: { text: string }) {
  return (
    <div className="prose">
      <ReactMarkdown components={COMPONENTS} remarkPlugins={[remarkGfm]} skipHtml>
        {text}
      </ReactMarkdown>
    </div>
  );
});
