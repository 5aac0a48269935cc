import { expect, test } from "vitest";
import { card } from "./cards.fixture";
import { nearest } from "./nearest";

test("a name that no model has leads to those that are spelt like it", () => {
  const cards = [
    card("harbour", { name: "Harbour", aliases: ["port/harbour"] }),
    card("quay", { name: "Quay" }),
  ];
  expect(nearest(cards, "harbor").map(({ id }) => id)).toEqual(["harbour"]);
  expect(nearest(cards, "zzz")).toEqual([]);
});
