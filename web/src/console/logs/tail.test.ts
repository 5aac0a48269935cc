import { expect, test } from "vitest";
import type { LogRow } from "../../api/types";
import { arrived, joined, MOST_ROWS } from "./tail";

const rows = (...ids: (string | number)[]) => ids.map((id) => ({ request_id: String(id) }) as LogRow);
const ids = (found: readonly LogRow[]) => found.map((row) => row.request_id);

test("what ended last stands first, and what comes again stands once", () => {
  const first = arrived([], rows("a", "b"));
  expect(ids(first)).toEqual(["b", "a"]);
  expect(ids(arrived(first, rows("b", "c")))).toEqual(["c", "b", "a"]);
  expect(arrived(first, rows("a"))).toBe(first);
});

test("calls that the list has already are not shown twice", () => {
  expect(ids(joined(rows("c", "b"), rows("b", "a")))).toEqual(["c", "b", "a"]);
});

test("a tail does not grow without end", () => {
  const many = arrived([], rows(...Array.from({ length: MOST_ROWS + 50 }, (_, index) => index)));
  expect(many).toHaveLength(MOST_ROWS);
  expect(many[0]?.request_id).toBe(String(MOST_ROWS + 49));
});
