/**
 * A long text as blocks that can be drawn apart. Blocks that are finished never change again, so what has been drawn of
 * a growing text stays; only its last block is read anew.
 */

export interface Block {
  /** What is too long to be read as Markdown is shown as it was written. */
  kind: "markdown" | "plain";
  text: string;
}

export interface Blocks {
  done: readonly Block[];
  /** The block that may still grow. */
  open: Block;
  /** How much of the text the finished blocks hold. */
  until: number;
  /** The marks of the code block that was cut there because it is too long, else "". */
  fence: string;
}

export const NO_BLOCKS: Blocks = { done: [], open: { kind: "markdown", text: "" }, until: 0, fence: "" };

const LONGEST = 12_000;
const MARKS = /^ {0,3}(`{3,}|~{3,})(.*)/;

/** The blocks of `text`, which begins with the text that `before` was made from. */
export function split(text: string, before: Blocks): Blocks {
  const found: Block[] = [];
  let { until, fence } = before;
  const finish = (end: number, kind: Block["kind"]) => {
    found.push({ kind, text: text.slice(until, end) });
    until = end;
  };
  let inside = fence;
  let isAfterBlank = false;
  for (let start = until; start < text.length; ) {
    const newline = text.indexOf("\n", start);
    const end = newline < 0 ? text.length : newline + 1;
    if (isAfterBlank && /\S/.test(text.charAt(start)) && text.slice(until, start).trim() !== "") {
      finish(start, "markdown");
    }
    if (newline >= 0) {
      const line = text.slice(start, newline);
      inside = fenced(inside, line);
      isAfterBlank = inside === "" && line.trim() === "";
    }
    if (fence !== "" && inside === "") {
      finish(end, "plain");
      fence = "";
    }
    while (end - until > LONGEST) {
      finish(Math.min(end, Math.max(start, until + LONGEST)), "plain");
      fence = inside;
    }
    start = end;
  }
  const open: Block = { kind: fence === "" ? "markdown" : "plain", text: text.slice(until) };
  return { done: found.length === 0 ? before.done : [...before.done, ...found], open, until, fence };
}

/** The marks of the code block that is open behind a line. */
function fenced(open: string, line: string): string {
  const [, marks = "", rest = ""] = MARKS.exec(line) ?? [];
  if (marks === "") return open;
  if (open === "") return marks.startsWith("`") && rest.includes("`") ? "" : marks;
  return marks.startsWith(open) && rest.trim() === "" ? "" : open;
}

/** Blocks in groups that are drawn or passed over as one. A group that is full never changes again. */
export function grouped(
  blocks: readonly Block[],
  before: readonly (readonly Block[])[],
): readonly (readonly Block[])[] {
  const full = before.filter((group) => group.length === GROUP);
  const groups = [...full];
  for (let at = full.length * GROUP; at < blocks.length; at += GROUP)
    groups.push(blocks.slice(at, at + GROUP));
  return groups;
}

const GROUP = 16;
