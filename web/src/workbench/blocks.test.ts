import { describe, expect, it } from "vitest";
import { type Blocks, grouped, NO_BLOCKS, split } from "./blocks";

const TEXT = `# Head

A paragraph
of two lines.

1. one

   still one

2. two

\`\`\`\`js
let a = 1;

\`\`\`
let b = 2;
\`\`\`\`

Last`;

function texts(blocks: Blocks): string[] {
  return [...blocks.done, blocks.open].map((block) => block.text);
}

function grown(text: string, step: number): Blocks {
  let blocks = NO_BLOCKS;
  for (let end = step; end < text.length + step; end += step) blocks = split(text.slice(0, end), blocks);
  return blocks;
}

describe("split", () => {
  it("cuts at blank lines, but within no list item and no code", () => {
    expect(texts(split(TEXT, NO_BLOCKS))).toEqual([
      "# Head\n\n",
      "A paragraph\nof two lines.\n\n",
      "1. one\n\n   still one\n\n",
      "2. two\n\n",
      "````js\nlet a = 1;\n\n```\nlet b = 2;\n````\n\n",
      "Last",
    ]);
  });

  it.each([1, 2, 7, 50])("gives the same blocks when the text grows by %i", (step) => {
    expect(texts(grown(TEXT, step))).toEqual(texts(split(TEXT, NO_BLOCKS)));
  });

  it("leaves finished blocks as they are", () => {
    const before = split(TEXT, NO_BLOCKS);
    expect(split(`${TEXT} words`, before).done).toBe(before.done);
  });

  it("shows code that is too long as it was written, up to its end", () => {
    const code = `\`\`\`\n${"let a = 1;\n".repeat(4000)}\`\`\`\n\nAfter`;
    for (const blocks of [split(code, NO_BLOCKS), grown(code, 997)]) {
      expect(texts(blocks).join("")).toBe(code);
      expect(new Set(blocks.done.map((block) => block.kind))).toEqual(new Set(["plain"]));
      expect(Math.max(...texts(blocks).map((text) => text.length))).toBeLessThan(13_000);
      expect(blocks.open).toEqual({ kind: "markdown", text: "\nAfter" });
    }
  });

  it("cuts a line that has no end", () => {
    const blocks = split("a".repeat(100_000), NO_BLOCKS);
    expect(texts(blocks).join("")).toHaveLength(100_000);
    expect(blocks.done.length).toBeGreaterThan(7);
  });
});

describe("grouped", () => {
  it("keeps full groups", () => {
    const blocks = Array.from({ length: 40 }, (_, at) => ({ kind: "markdown" as const, text: String(at) }));
    const before = grouped(blocks.slice(0, 20), []);
    const after = grouped(blocks, before);
    expect(after.map((group) => group.length)).toEqual([16, 16, 8]);
    expect(after[0]).toBe(before[0]);
    expect(after.flat()).toEqual(blocks);
  });
});
