/** What the user said, and the way to say it otherwise: the conversation then goes on from there anew. */
import { memo, useState } from "react";
import { Button } from "../ui/controls";
import { bytes } from "../ui/format";
import { useEngine } from "./bench";
import type { Attachment } from "./call";
import type { Asked } from "./state";

interface Props {
  columnId: string;
  entryId: string;
  turn: Extract<Asked, { role: "user" }>;
}

const SHOWN = 4000;

export const UserTurn = memo(function UserTurn({ columnId, entryId, turn }: Props) {
  const [isEdited, setEdited] = useState(false);
  const [isWhole, setWhole] = useState(false);
  const cut = !isWhole && turn.text.length > SHOWN;
  return (
    <article aria-label="Prompt" className="turn turn-user">
      {turn.attachments.length > 0 && (
        <ul aria-label="Attached" className="turn-files">
          {turn.attachments.map((item) => (
            <li key={item.id}>
              <File item={item} />
            </li>
          ))}
        </ul>
      )}
      {isEdited ? (
        <Edit columnId={columnId} entryId={entryId} onClose={() => setEdited(false)} text={turn.text} />
      ) : (
        <>
          <p className="turn-text">{cut ? `${turn.text.slice(0, SHOWN)}…` : turn.text}</p>
          <div className="turn-actions">
            {cut && (
              <Button kind="quiet" onClick={() => setWhole(true)} small>
                Show all ({bytes(turn.text.length)})
              </Button>
            )}
            <Button aria-label="Edit this prompt" kind="quiet" onClick={() => setEdited(true)} small>
              Edit
            </Button>
          </div>
        </>
      )}
    </article>
  );
});

function File({ item }: { item: Attachment }) {
  if (item.mediaType.startsWith("image/"))
    return <img alt={item.name} className="turn-image" src={item.url} />;
  return (
    <span className="badge">
      {item.name} · {bytes(item.bytes)}
    </span>
  );
}

interface EditProps {
  columnId: string;
  entryId: string;
  text: string;
  onClose: () => void;
}

function Edit({ columnId, entryId, text, onClose }: EditProps) {
  const engine = useEngine();
  const [draft, setDraft] = useState(text);
  const send = () => {
    onClose();
    engine.edit(columnId, entryId, draft);
  };
  return (
    <form
      className="stack"
      data-tight
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <textarea
        aria-label="Prompt, edited"
        className="textarea"
        // biome-ignore lint/a11y/noAutofocus: it takes the place of the button that was pressed
        autoFocus
        onChange={(event) => setDraft(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") {
            event.stopPropagation();
            onClose();
          }
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            event.stopPropagation();
            send();
          }
        }}
        rows={4}
        value={draft}
      />
      <div className="row">
        <Button disabled={draft.trim() === ""} kind="primary" small type="submit">
          Send again
        </Button>
        <Button kind="quiet" onClick={onClose} small>
          Cancel
        </Button>
        <span className="faint small">What follows it here is left out.</span>
      </div>
    </form>
  );
}
