/** The table of a comparison: a column for each model, a group of rows for each kind of fact. */
import { Link } from "react-router";
import { Button, LinkButton } from "../ui/controls";
import { modelPath, workbenchPath } from "./addresses";
import { Bar } from "./Bar";
import { type Compared, comparison, differs, type Group, type Row } from "./compare";

interface Props {
  models: readonly Compared[];
  /** Rows whose texts differ are marked. */
  marked: boolean;
  /** Rows whose texts are equal are left out. */
  only: boolean;
  remove: (id: string) => void;
}

export function CompareTable({ models, marked, only, remove }: Props) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section aria-label="Comparison" className="table-scroll compare" tabIndex={0}>
      <table className="table">
        <caption className="visually-hidden">Models side by side</caption>
        <thead>
          <tr>
            <td />
            {models.map(({ card }) => (
              <th key={card.id} scope="col">
                <span className="stack" data-tight>
                  <Link to={modelPath(card.id)}>{card.name}</Link>
                  <code className="faint">{card.id}</code>
                  <span className="row">
                    <LinkButton small to={workbenchPath([card.id])}>
                      Try
                    </LinkButton>
                    <Button
                      aria-label={`Take out ${card.name}`}
                      kind="quiet"
                      onClick={() => remove(card.id)}
                      small
                    >
                      ✕
                    </Button>
                  </span>
                </span>
              </th>
            ))}
          </tr>
        </thead>
        {comparison(models).map((group) => (
          <Rows columns={models.length} group={group} key={group.name} marked={marked} only={only} />
        ))}
      </table>
    </section>
  );
}

function Rows({
  group,
  columns,
  marked,
  only,
}: Pick<Props, "marked" | "only"> & { group: Group; columns: number }) {
  const rows = only ? group.rows.filter(differs) : group.rows;
  const empty = group.rows.length === 0 ? group.empty : rows.length === 0 ? "All are the same." : undefined;
  return (
    <tbody>
      <tr>
        <th className="group" colSpan={columns + 1} scope="rowgroup">
          <span>{group.name}</span>
        </th>
      </tr>
      {empty !== undefined && (
        <tr>
          <td className="faint" colSpan={columns + 1}>
            {empty}
          </td>
        </tr>
      )}
      {rows.map((row) => (
        <FactRow key={row.name} marked={marked && differs(row)} row={row} />
      ))}
    </tbody>
  );
}

function FactRow({ row, marked }: { row: Row; marked: boolean }) {
  return (
    <tr data-differs={marked || undefined}>
      <th scope="row">
        {row.name}
        {marked && (
          <span className="differs">
            <span aria-hidden="true">≠</span>
            <span className="visually-hidden">differs</span>
          </span>
        )}
      </th>
      {row.texts.map((text, index) => {
        const score = row.scores?.[index];
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a row's cells do not change places
          <td data-no={text === "no" || undefined} key={index}>
            {text}
            {score && <Bar score={score} />}
          </td>
        );
      })}
    </tr>
  );
}
