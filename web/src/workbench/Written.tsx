/** What a model wrote, also while it writes and also when it is very long: only what is new and in view is worked on. */
import { memo, useEffect, useRef, useState } from "react";
import { Markdown } from "../ui/Markdown";
import { type Block, grouped, NO_BLOCKS, split } from "./blocks";

interface Props {
  text: string;
  /** It still grows. */
  isGrowing?: boolean;
}

export const Written = memo(function Written({ text, isGrowing = false }: Props) {
  const [known, setKnown] = useState({ text: "", blocks: NO_BLOCKS, groups: grouped([], []) });
  let shown = known;
  if (text !== known.text) {
    const before = text.startsWith(known.text) ? known : { blocks: NO_BLOCKS, groups: [] };
    const blocks = split(text, before.blocks);
    shown = { text, blocks, groups: grouped(blocks.done, before.groups) };
    setKnown(shown);
  }
  const { groups, blocks } = shown;
  const last = isGrowing && blocks.open.text.length > READ_ANEW ? "plain" : blocks.open.kind;
  return (
    <div className="written">
      {groups.map((group, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: groups only ever follow each other
        <Group blocks={group} isNew={isGrowing && index === groups.length - 1} key={index} />
      ))}
      {blocks.open.text !== "" && <Group blocks={[{ ...blocks.open, kind: last }]} isNew={isGrowing} />}
    </div>
  );
});

/** A block that grows beyond this is read as Markdown once it is finished. */
const READ_ANEW = 2000;

interface GroupProps {
  blocks: readonly Block[];
  /** It is what is being written, where everybody looks. */
  isNew: boolean;
}

/** Shown as it was written until it comes into view. */
const Group = memo(function Group({ blocks, isNew }: GroupProps) {
  const place = useRef<HTMLDivElement>(null);
  const [isSeen, setSeen] = useState(isNew);
  useEffect(() => {
    const element = place.current;
    if (isSeen || element === null) return;
    return whenSeen(element, () => setSeen(true));
  }, [isSeen]);
  return (
    <div className="written-group" ref={place}>
      {isSeen ? (
        // biome-ignore lint/suspicious/noArrayIndexKey: blocks only ever follow each other
        blocks.map((block, index) => <Drawn kind={block.kind} key={index} text={block.text} />)
      ) : (
        <div className="written-plain">{blocks.map((block) => block.text).join("")}</div>
      )}
    </div>
  );
});

const Drawn = memo(function Drawn({ kind, text }: Block) {
  return kind === "markdown" ? <Markdown text={text} /> : <pre className="written-plain">{text}</pre>;
});

/** Within the columns, which scroll apart from the page, `scrollMargin` says how near is near. */
const NEARBY: IntersectionObserverInit & { scrollMargin: string } = { scrollMargin: "50% 0px" };

const waiting = new Map<Element, () => void>();
let observer: IntersectionObserver | null = null;

function whenSeen(element: Element, then: () => void): () => void {
  observer ??= new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) if (isIntersecting) waiting.get(target)?.();
  }, NEARBY);
  waiting.set(element, then);
  observer.observe(element);
  return () => {
    waiting.delete(element);
    observer?.unobserve(element);
  };
}
