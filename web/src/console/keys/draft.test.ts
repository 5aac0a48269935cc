import { expect, test } from "vitest";
import { draftOf, isComplete, patchOf, specOf } from "./draft";

const NAMED = { ...draftOf(null), name: "CI" };

test("a new key may call and read, without a bound or an end", () => {
  expect(specOf(NAMED)).toEqual({
    name: "CI",
    mode: "test",
    scopes: ["inference", "usage"],
    models: null,
    expires_at: null,
    project: null,
    member_id: null,
  });
});

test("models are told apart by lines, spaces or commas", () => {
  expect(specOf({ ...NAMED, models: "gpt-4.1,\n openai/gpt-6  sandbox/echo" }).models).toEqual([
    "gpt-4.1",
    "openai/gpt-6",
    "sandbox/echo",
  ]);
});

test("a key is good until the end of its last day", () => {
  expect(patchOf({ ...NAMED, expires: "2026-12-31" }).expires_at).toBe("2026-12-31T23:59:59Z");
});

test("a change takes away what has been emptied", () => {
  expect(patchOf(NAMED).limits.concurrency).toBeNull();
  expect(patchOf(NAMED).project).toBeNull();
});

test("what the hub would refuse is not sent", () => {
  expect(isComplete(draftOf(null))).toBe(false);
  expect(isComplete({ ...NAMED, scopes: [] })).toBe(false);
  expect(isComplete({ ...NAMED, bounds: { ...NAMED.bounds, day_usd: "much" } })).toBe(false);
  expect(isComplete(NAMED)).toBe(true);
});
