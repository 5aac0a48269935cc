import { expect, test } from "vitest";
import { whyNotCarried } from "./carrying";

test.each([
  ["chat", "logit_bias", undefined, null],
  ["chat", "n", 2, /one answer/],
  ["responses", "verbosity", "low", null],
  ["responses", "stop", ["END"], "Responses has no place for this, so it is not sent."],
  ["messages", "top_k", 5, null],
  ["messages", "verbosity", undefined, "Messages has no place for this, so it is not sent."],
  ["messages", "service_tier", undefined, null],
  ["messages", "service_tier", "flex", "Messages has no such value, so this is not sent."],
] as const)("%s with %s = %j", (protocol, name, value, told) => {
  const why = whyNotCarried(protocol, name, value);
  if (told instanceof RegExp) expect(why).toMatch(told);
  else expect(why).toBe(told);
});
