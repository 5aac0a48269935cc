/** The first step: a call, right here. */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useEffectEvent, useState } from "react";
import { modelCardsQuery } from "../api/queries";
import type { ModelCard } from "../api/types";
import { type CallKey, useCallKey } from "../keys";
import { Button, SelectField, TextField } from "../ui/controls";
import { count, duration, usd } from "../ui/format";
import { Badge, Failure, Notice, Stat, Stats } from "../ui/telling";
import type { Call } from "../workbench/call";
import { KeyPicker } from "../workbench/editors/KeyPicker";
import { callOf, type FirstCall, firstModel, PROMPT, useFirstCall } from "./firstCall";
import { Step } from "./Step";

interface Props {
  done: boolean;
  /** The call as it stands now. */
  onCall: (call: Call) => void;
  onDone: () => void;
}

export function CallStep({ done, onCall, onDone }: Props) {
  const key = useCallKey();
  return (
    <Step done={done} title="Make a call">
      <KeyPicker />
      {key !== null && <Calling callKey={key} key={key.token} onCall={onCall} onDone={onDone} />}
    </Step>
  );
}

function Calling({ callKey, onCall, onDone }: Omit<Props, "done"> & { callKey: CallKey }) {
  const cards = useQuery(modelCardsQuery);
  const [chosen, setChosen] = useState<string | null>(null);
  const [prompt, setPrompt] = useState(PROMPT);
  const first = useFirstCall(onDone);
  const known = cards.data ?? [];
  const model = chosen ?? firstModel(known, callKey.mode) ?? "";
  const tell = useEffectEvent(onCall);
  useEffect(() => tell(callOf(model, prompt)), [model, prompt]);
  if (cards.data && callKey.mode === "live" && model === "") {
    return (
      <Notice>
        <p>
          No provider is connected yet, so a live key reaches no model. Connect one below, or use a test key.
        </p>
      </Notice>
    );
  }
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (!first.running) first.send(callOf(model, prompt), callKey);
      }}
    >
      <div className="first-call">
        <ModelField cards={known} mode={callKey.mode} onChange={setChosen} value={model} />
        <TextField label="Prompt" onChange={(event) => setPrompt(event.target.value)} value={prompt} />
        {first.running ? (
          <Button onClick={first.stop}>Stop</Button>
        ) : (
          <Button disabled={model === "" || prompt.trim() === ""} kind="primary" type="submit">
            Send
          </Button>
        )}
      </div>
      <Answered first={first} test={callKey.mode === "test"} />
    </form>
  );
}

interface ModelFieldProps {
  cards: readonly ModelCard[];
  mode: CallKey["mode"];
  value: string;
  onChange: (model: string) => void;
}

/** Where the list is not to be had, the model is named. */
function ModelField({ cards, mode, value, onChange }: ModelFieldProps) {
  if (cards.length === 0) {
    return <TextField label="Model" onChange={(event) => onChange(event.target.value)} value={value} />;
  }
  const talking = cards.filter((card) => card.kind === "chat" && (mode === "test" || card.callable));
  const options = (sandbox: boolean) =>
    talking
      .filter((card) => card.sandbox === sandbox)
      .map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ));
  return (
    <SelectField label="Model" onChange={(event) => onChange(event.target.value)} value={value}>
      {options(false)}
      <optgroup label="For tests">{options(true)}</optgroup>
    </SelectField>
  );
}

function Answered({ first, test }: { first: FirstCall; test: boolean }) {
  const { answer, ending, running } = first;
  if (!running && ending === null) return null;
  const { usage } = answer;
  return (
    <div className="stack" data-tight>
      <section aria-busy={running} aria-label="Answer" aria-live="polite" className="panel answer">
        {answer.text || (
          <span className="faint">{running ? "Waiting for the first word…" : "No text came."}</span>
        )}
      </section>
      {ending?.error && <Failure error={ending.error} />}
      {ending?.status === "stopped" && <p className="small muted">You stopped it.</p>}
      {ending !== null && (
        <Stats>
          <Stat name="First word after" value={duration(ending.ttftMs)} />
          <Stat name="Whole answer after" value={duration(ending.totalMs)} />
          <Stat
            name="Tokens"
            note={usage?.estimated ? "counted by the hub" : null}
            value={`${count(usage?.inputTokens)} in, ${count(usage?.outputTokens)} out`}
          />
          <Stat
            name="Cost"
            note={test ? <Badge tone="good">test mode</Badge> : null}
            value={usd(usage?.costUsd)}
          />
        </Stats>
      )}
    </div>
  );
}
