import { expect, test } from "vitest";
import { carries, whyNotCarried } from "./carrying";

test("Chat has a field for every parameter; the others for those they name", () => {
  expect(carries("chat", "logit_bias")).toBe(true);
  expect(carries("responses", "verbosity")).toBe(true);
  expect(carries("messages", "top_k")).toBe(true);
  expect(carries("messages", "verbosity")).toBe(false);
  expect(carries("responses", "stop")).toBe(false);
  expect(whyNotCarried("messages", "seed")).toBe("Messages has no field for this, so it is not sent.");
  expect(whyNotCarried("messages", "temperature")).toBeNull();
});
