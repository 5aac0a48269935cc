/** One answer of a model: reasoning apart, what it wrote, its calls of tools, and what went wrong. */
import { memo, useState } from "react";
import { Copy } from "../ui/Copy";
import { Button } from "../ui/controls";
import { Badge, Failure } from "../ui/telling";
import type { Answer } from "./answer";
import { useEngine } from "./bench";
import { validate } from "./editors/validation";
import { RawView } from "./RawView";
import { isUnderWay, type Run } from "./state";
import { ToolCalls } from "./ToolCalls";
import { Written } from "./Written";

interface Props {
  columnId: string;
  answer: Answer;
  run: Run;
  /** Only the last answer can be asked for again. */
  isLast: boolean;
}

export const AnswerTurn = memo(function AnswerTurn({ columnId, answer, run, isLast }: Props) {
  const isRunning = isUnderWay(run);
  return (
    <article aria-busy={isRunning} aria-label={`Answer of ${run.model}`} className="turn turn-answer">
      {answer.reasoning !== "" && (
        <Reasoning isGrowing={isRunning && answer.text === ""} text={answer.reasoning} />
      )}
      {answer.text !== "" && <Written isGrowing={isRunning} text={answer.text} />}
      {answer.toolCalls.length > 0 && <ToolCalls calls={answer.toolCalls} />}
      {isRunning && answer.text === "" && answer.toolCalls.length === 0 && (
        <p className="faint" role="status">
          {run.status === "sending" ? "Waiting for the model…" : answer.reasoning === "" ? "Answering…" : ""}
        </p>
      )}
      {run.status === "done" && answer.text === "" && answer.toolCalls.length === 0 && (
        <p className="faint">The answer is empty.</p>
      )}
      {run.error !== null && <Failure error={run.error} />}
      {!isRunning && <Foot answer={answer} columnId={columnId} isLast={isLast} run={run} />}
    </article>
  );
});

function Reasoning({ text, isGrowing }: { text: string; isGrowing: boolean }) {
  const [chosen, setChosen] = useState<boolean | null>(null);
  const isOpen = chosen ?? isGrowing;
  return (
    <section aria-label="Reasoning" className="reasoning">
      <button
        aria-expanded={isOpen}
        className="reasoning-head"
        onClick={() => setChosen(!isOpen)}
        type="button"
      >
        <span aria-hidden className="reasoning-mark" />
        {isGrowing ? "Reasoning…" : "Reasoning"}
      </button>
      {isOpen && <Written isGrowing={isGrowing} text={text} />}
    </section>
  );
}

function Foot({ columnId, answer, run, isLast }: Props) {
  const engine = useEngine();
  const [isRaw, setRaw] = useState(false);
  return (
    <footer className="turn-actions">
      <Notes answer={answer} run={run} />
      {answer.text !== "" && <Copy text={answer.text} what="answer" />}
      <Button aria-haspopup="dialog" kind="quiet" onClick={() => setRaw(true)} small>
        Raw
      </Button>
      {isLast && (
        <Button kind="quiet" onClick={() => engine.retry(columnId)} small>
          Retry
        </Button>
      )}
      {isRaw && <RawView onClose={() => setRaw(false)} run={run} />}
    </footer>
  );
}

/** What is worth knowing of an answer beyond its text. */
function Notes({ answer, run }: { answer: Answer; run: Run }) {
  const problems = run.status === "done" && answer.text !== "" ? validate(run.format, answer.text) : [];
  return (
    <>
      {run.status === "stopped" && <Badge>Stopped</Badge>}
      {run.format.type !== "text" && run.status === "done" && answer.text !== "" && (
        <Badge tone={problems.length === 0 ? "good" : "bad"}>
          {problems.length === 0 ? "Fits the format" : "Does not fit the format"}
        </Badge>
      )}
      {run.dropped.length > 0 && <Badge tone="warn">Not sent: {run.dropped.join(", ")}</Badge>}
      {problems.length > 0 && (
        <ul aria-label="What does not fit" className="problems small">
          {problems.slice(0, 5).map((problem) => (
            <li key={problem}>{problem}</li>
          ))}
        </ul>
      )}
    </>
  );
}
