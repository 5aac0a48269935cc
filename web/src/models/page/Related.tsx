/** Models like this one. */
import { Link } from "react-router";
import type { ModelPage } from "../../api/types";
import { LinkButton } from "../../ui/controls";
import { compact, usd } from "../../ui/format";
import { comparePath, MOST_COMPARED, modelPath } from "../addresses";

export function Related({ page }: { page: ModelPage }) {
  const near = [page.id, ...page.related.map(({ id }) => id)].slice(0, MOST_COMPARED);
  return (
    <>
      <ul className="related">
        {page.related.map((model) => (
          <li className="panel stack" data-tight key={model.id}>
            <Link to={modelPath(model.id)}>
              <strong>{model.name}</strong>
            </Link>
            <span className="small muted">{model.reason}</span>
            <span className="row small">
              <span>
                <span className="faint">context</span> {compact(model.context_tokens)}
              </span>
              <Price usd={model.input_usd} what="in" />
              <Price usd={model.output_usd} what="out" />
            </span>
          </li>
        ))}
      </ul>
      <p>
        <LinkButton small to={comparePath(near)}>
          Compare these side by side
        </LinkButton>
      </p>
    </>
  );
}

/** Dollars for a million tokens; nothing known is a dash. */
function Price({ usd: amount, what }: { usd: string | null; what: string }) {
  return (
    <span className="price">
      <span className="faint">{what}</span> {usd(amount)}
    </span>
  );
}
