/** The catalogue as a table: one line for each model. */
import { Link } from "react-router";
import { count, day, UNKNOWN, usd } from "../ui/format";
import { Table } from "../ui/Table";
import { modelPath } from "./addresses";
import { modalities, StatusBadge } from "./Badges";
import type { Selectable } from "./ModelCards";
import { Pick } from "./Pick";

export function ModelTable({ cards, ...selection }: Selectable) {
  return (
    <Table
      caption="Models"
      columns={[
        {
          head: "Model",
          cell: (card) => (
            <span className="model-name">
              <Link className="model-name-link" to={modelPath(card.id)}>
                {card.name}
              </Link>
              <span className="mono faint">{card.id}</span>
            </span>
          ),
        },
        { head: "Compare", cell: (card) => <Pick bare card={card} {...selection} /> },
        { head: "Developer", cell: (card) => card.developer ?? UNKNOWN },
        { head: "Status", cell: (card) => <StatusBadge lifecycle={card.lifecycle} /> },
        { head: "Context", number: true, cell: (card) => count(card.context_tokens) },
        { head: "Max output", number: true, cell: (card) => count(card.max_output_tokens) },
        { head: "Input, $/M", number: true, cell: (card) => usd(card.prices.input) },
        { head: "Cached, $/M", number: true, cell: (card) => usd(card.prices.cached_input) },
        { head: "Output, $/M", number: true, cell: (card) => usd(card.prices.output) },
        { head: "Modalities", cell: modalities },
        { head: "Released", cell: (card) => <span className="nowrap">{day(card.released)}</span> },
        { head: "Providers", cell: (card) => card.providers.join(", ") || UNKNOWN },
        { head: "Callable now", cell: (card) => (card.callable ? "yes" : "no") },
      ]}
      rowKey={(card) => card.id}
      rows={cards}
    />
  );
}
