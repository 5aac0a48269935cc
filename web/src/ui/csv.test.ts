import { expect, test } from "vitest";
import { csv } from "./csv";

test("cells are quoted where they must be", () => {
  expect(
    csv(
      ["a", "b"],
      [
        ["x,y", 'say "hi"'],
        ["two\nlines", null],
      ],
    ),
  ).toBe('a,b\r\n"x,y","say ""hi"""\r\n"two\nlines",\r\n');
});

test("no spreadsheet takes a name for a formula, and amounts below zero stay numbers", () => {
  const [, ...lines] = csv(["name"], [["=1+1"], ["@cmd"], ["-2+3"], ["-2.5"], [-7]]).split("\r\n");
  expect(lines).toEqual(["'=1+1", "'@cmd", "'-2+3", "-2.5", "-7", ""]);
});
