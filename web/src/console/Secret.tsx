/** A secret that is shown this once: a key or a link. */
import { Copy } from "../ui/Copy";
import { Notice } from "../ui/telling";

export function Secret({ what, value }: { what: string; value: string }) {
  return (
    <Notice tone="warn">
      <p>
        <strong>Copy {what} now.</strong> The hub keeps no copy that it could show again.
      </p>
      <div className="row">
        <code className="mono">{value}</code>
        <Copy text={value} what={what} />
      </div>
    </Notice>
  );
}
