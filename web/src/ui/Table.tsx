/** A table of records, scrolling within itself when it is wider than the page. */
import type { ReactNode } from "react";

export interface Column<Row> {
  head: ReactNode;
  cell: (row: Row) => ReactNode;
  /** Figures stand under each other. */
  number?: boolean;
}

interface Props<Row> {
  /** What the table holds, for who hears it. */
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
}

/** The first column names its row. */
export function Table<Row>({ caption, columns, rows, rowKey }: Props<Row>) {
  const kind = (column: Column<Row>) => (column.number ? "number" : undefined);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section aria-label={caption} className="table-scroll" tabIndex={0}>
      <table className="table">
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: columns do not change places
              <th className={kind(column)} key={index} scope="col">
                {column.head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)}>
              {columns.map((column, index) => {
                const cell = column.cell(row);
                return index === 0 ? (
                  // biome-ignore lint/suspicious/noArrayIndexKey: columns do not change places
                  <th className={kind(column)} key={index} scope="row">
                    {cell}
                  </th>
                ) : (
                  // biome-ignore lint/suspicious/noArrayIndexKey: columns do not change places
                  <td className={kind(column)} key={index}>
                    {cell}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
