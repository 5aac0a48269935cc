import { expect, test } from "vitest";
import { tokenOf } from "./linkToken";
import { nextPath } from "./next";

const ORIGIN = "https://hub.example";

test.each([
  ["", "/"],
  ["?next=/workbench?model=a%26b", "/workbench?model=a&b"],
  ["?next=%2Fconsole%2Fkeys%23new", "/console/keys#new"],
  ["?next=https://evil.example/", "/"],
  ["?next=//evil.example/", "/"],
  ["?next=/%5Cevil.example", "/"],
  ["?next=/%09/evil.example", "/"],
  ["?next=javascript:alert(1)", "/"],
  ["?next=/sign-in", "/"],
])("after signing in at %s one is led to %s", (search, path) => {
  expect(nextPath(search, ORIGIN)).toBe(path);
});

test("the token is what stands behind the hash", () => {
  expect(tokenOf("#ep-welcome-abc")).toBe("ep-welcome-abc");
  expect(tokenOf("")).toBe("");
});
