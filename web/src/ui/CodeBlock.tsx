/** Code, coloured, with a button to copy it. */
import { useMemo } from "react";
import { Copy } from "./Copy";
import { highlighted } from "./highlight";

interface Props {
  code: string;
  syntax: string;
  what?: string;
  /** What is copied where that is not what is shown. */
  copied?: () => string;
}

export function CodeBlock({ code, syntax, what = "code", copied }: Props) {
  const content = useMemo(() => highlighted(code, syntax), [code, syntax]);
  return (
    <div className="code">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre tabIndex={0}>
        <code>{content}</code>
      </pre>
      <Copy text={copied ?? code} what={what} />
    </div>
  );
}
