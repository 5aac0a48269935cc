import { expect, test } from "vitest";
import type { ModelCard } from "../api/types";
import { firstModel } from "./firstCall";

function card(
  id: string,
  more: Partial<ModelCard> = {},
): Pick<ModelCard, "id" | "kind" | "sandbox" | "callable"> {
  return { id, kind: "chat", sandbox: false, callable: false, ...more };
}

test("the first call goes to a model that answers", () => {
  const cards = [
    card("embedder", { kind: "embedding", callable: true }),
    card("far"),
    card("sandbox/echo", { sandbox: true, callable: true }),
    card("near", { callable: true }),
  ];
  expect(firstModel(cards, "live")).toBe("near");
  expect(firstModel(cards, "test")).toBe("near");
  expect(firstModel(cards.slice(0, 3), "test")).toBe("far");
  expect(firstModel(cards.slice(0, 3), "live")).toBeNull();
});
