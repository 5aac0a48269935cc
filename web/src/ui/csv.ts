/** Tables as files for spreadsheets, made from what a page shows. */

type Cell = string | number | null | undefined;

const FORMULA = /^[=+\-@\t\r\n]/;
const AMOUNT = /^-?\d+(\.\d+)?$/;

/** RFC 4180, with a head. What is unknown is empty, and no text can be taken for a formula. */
export function csv(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return [head, ...rows].map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}

export function download(name: string, text: string, type = "text/csv"): void {
  const url = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

function cell(value: Cell): string {
  const text = value == null ? "" : String(value);
  const safe = FORMULA.test(text) && !AMOUNT.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
