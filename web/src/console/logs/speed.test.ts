import { expect, test } from "vitest";
import { speed } from "./speed";

const LOG = { stream: true, ttft_ms: 500, duration_ms: 2500, output_tokens: 100 };

test("tokens are counted over the time in which they came", () => {
  expect(speed(LOG)).toBe(50);
});

test.each([{ stream: false }, { ttft_ms: null }, { output_tokens: 0 }, { duration_ms: 500 }])(
  "where that time is not known there is no speed: %j",
  (fields) => {
    expect(speed({ ...LOG, ...fields })).toBeNull();
  },
);
