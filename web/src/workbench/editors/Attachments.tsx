/** What is attached to the message that is being written. Files stay in the browser until the message is sent. */
import { type ClipboardEvent, type DragEvent, useRef, useState } from "react";
import { Button } from "../../ui/controls";
import { bytes } from "../../ui/format";
import type { Attachment } from "../call";
import { acceptedTypes, acceptedWords, attachmentOf, refusal, unreadable } from "./attachments";

interface Props {
  items: readonly Attachment[];
  /** The models' input modalities: text, image, file, audio. */
  accepts: readonly string[];
  onChange: (items: readonly Attachment[]) => void;
}

interface Attaching {
  add: (files: readonly File[]) => Promise<void>;
  /** Why files were not taken. */
  refused: readonly string[];
  dismiss: () => void;
  /** Something is held over the place where it can be dropped. */
  dragging: boolean;
  /** For the element that takes what is dropped and pasted. */
  handlers: {
    onDragOver: (event: DragEvent) => void;
    onDragLeave: (event: DragEvent) => void;
    onDrop: (event: DragEvent) => void;
    onPaste: (event: ClipboardEvent) => void;
  };
}

export function useAttachments(
  items: Props["items"],
  accepts: Props["accepts"],
  onChange: Props["onChange"],
): Attaching {
  const [refused, setRefused] = useState<readonly string[]>([]);
  const [dragging, setDragging] = useState(false);
  const add = async (files: readonly File[]) => {
    const next = [...items];
    const told: string[] = [];
    for (const file of files) {
      const reason = refusal(file, next, accepts);
      if (reason !== null) told.push(reason);
      else
        await attachmentOf(file).then(
          (item) => next.push(item),
          (error: Error) => told.push(error.message),
        );
    }
    setRefused(told);
    if (next.length > items.length) onChange(next);
  };
  const take = (event: DragEvent | ClipboardEvent, list: FileList | undefined) => {
    if (!list || list.length === 0) return;
    event.preventDefault();
    void add([...list]);
  };
  return {
    add,
    refused,
    dismiss: () => setRefused([]),
    dragging,
    handlers: {
      onDragOver: (event) => {
        if (!event.dataTransfer.types.includes("Files")) return;
        event.preventDefault();
        setDragging(true);
      },
      onDragLeave: (event) => {
        const { currentTarget, relatedTarget } = event;
        if (!(relatedTarget instanceof Node && currentTarget.contains(relatedTarget))) setDragging(false);
      },
      onDrop: (event) => {
        setDragging(false);
        take(event, event.dataTransfer.files);
      },
      onPaste: (event) => take(event, event.clipboardData.files),
    },
  };
}

export function Attachments({ items, accepts, onChange, attaching }: Props & { attaching: Attaching }) {
  const input = useRef<HTMLInputElement>(null);
  const words = acceptedWords(accepts);
  const unread = unreadable(items, accepts);
  if (words === null && items.length === 0 && attaching.refused.length === 0) return null;
  return (
    <div className="attachments">
      {words !== null && (
        <>
          <input
            accept={acceptedTypes(accepts).join(",")}
            aria-label="Files to attach"
            hidden
            multiple
            onChange={(event) => {
              const files = [...(event.target.files ?? [])];
              event.target.value = "";
              void attaching.add(files);
            }}
            ref={input}
            type="file"
          />
          <Button kind="quiet" onClick={() => input.current?.click()} small title={`Takes ${words}`}>
            Attach
          </Button>
        </>
      )}
      {items.length > 0 && (
        <ul aria-label="Attachments" className="chips">
          {items.map((item) => (
            <Item
              item={item}
              key={item.id}
              onRemove={() => onChange(items.filter((each) => each.id !== item.id))}
              unread={unread.includes(item)}
            />
          ))}
        </ul>
      )}
      {attaching.refused.length > 0 && (
        <div className="invalid row" role="alert">
          <span>{attaching.refused.join(" ")}</span>
          <Button aria-label="Dismiss" kind="quiet" onClick={attaching.dismiss} small>
            ✕
          </Button>
        </div>
      )}
    </div>
  );
}

function Item({ item, unread, onRemove }: { item: Attachment; unread: boolean; onRemove: () => void }) {
  return (
    <li className="attachment" data-unread={unread || undefined}>
      {item.mediaType.startsWith("image/") ? (
        <img alt="" height="32" src={item.url} width="32" />
      ) : (
        <span aria-hidden className="badge">
          {item.mediaType === "application/pdf" ? "PDF" : "Audio"}
        </span>
      )}
      <span className="attachment-name" title={item.name}>
        {item.name}
      </span>
      <span className="faint small">{unread ? "a model cannot read this" : bytes(item.bytes)}</span>
      <button aria-label={`Remove ${item.name}`} onClick={onRemove} type="button">
        ✕
      </button>
    </li>
  );
}
