import { expect, test } from "vitest";
import { progressOf } from "./progress";

test.each([
  [null, { called: false, copied: false }],
  ["{", { called: false, copied: false }],
  ["[1]", { called: false, copied: false }],
  ['{"called": true, "copied": "yes"}', { called: true, copied: false }],
])("what stands there as %s is %j", (text, progress) => {
  expect(progressOf(text)).toEqual(progress);
});
