import { expect, test } from "vitest";
import type { UsageGroup } from "../api/types";
import { choices, FIELDS, filterOf } from "./filter";

const NAMES = {
  key: (id: string | null | undefined) => (id === "k1" ? "shop" : String(id)),
  member: (id: string | null | undefined) => String(id),
  subject: (_: string, id: string) => id,
  actor: String,
};

function row(fields: Partial<UsageGroup>): UsageGroup {
  return fields as UsageGroup;
}

test("the address's names become the API's, and what is not asked for is not sent", () => {
  expect(filterOf(new URLSearchParams("model=a/b&key=k1&mode="))).toEqual({ model: "a/b", key_id: "k1" });
});

test("there is to choose what was used and what is chosen, by name and once", () => {
  const rows = [row({ key_id: "k2" }), row({ key_id: "k1" }), row({ key_id: "k1" }), row({ key_id: null })];
  expect(choices(FIELDS[1], rows, "gone", NAMES)).toEqual([
    { value: "gone", label: "gone" },
    { value: "k2", label: "k2" },
    { value: "k1", label: "shop" },
  ]);
});
