import { expect, test } from "vitest";
import { grouped, protocolOf } from "./requests";

test.each([
  ["/v1/chat/completions", "openai_chat"],
  ["/v1/responses", "openai_responses"],
  ["/v1/messages", "anthropic_messages"],
  ["/v1/embeddings", "openai_embeddings"],
])("%s speaks %s", (path, protocol) => {
  expect(protocolOf(path)).toBe(protocol);
});

test("calls that differ by model alone are asked about together", () => {
  const call = (model: string, temperature: number) => ({
    path: "/v1/messages",
    body: { model, temperature },
    model,
  });
  expect(grouped([call("a", 1), call("b", 1), call("c", 0)]).map(({ models }) => models)).toEqual([
    ["a", "b"],
    ["c"],
  ]);
});
