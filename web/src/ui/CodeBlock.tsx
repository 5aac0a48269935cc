/** Code, coloured, with a button to copy it. */
import { useMemo } from "react";
import { Copy } from "./Copy";
import { highlighted } from "./highlight";

interface Props {
  code: string;
  syntax: string;
  what?: string;
}

export function CodeBlock({ code, syntax, what = "code" }: Props) {
  const content = useMemo(() => highlighted(code, syntax), [code, syntax]);
  return (
    <div className="code">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre tabIndex={0}>
        <code>{content}</code>
      </pre>
      <Copy text={code} what={what} />
    </div>
  );
}
