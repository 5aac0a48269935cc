/** What a model is at the moment, as badges, and what it reads and writes: the same wherever it is shown. */
import type { Lifecycle, ModelCard } from "../api/types";
import { day } from "../ui/format";
import { Badge, type Tone } from "../ui/telling";

const STATUS: Record<Lifecycle["status"], { label: string; tone?: Tone }> = {
  active: { label: "Active", tone: "good" },
  preview: { label: "Preview", tone: "accent" },
  deprecated: { label: "Deprecated", tone: "warn" },
  shut_down: { label: "Shut down", tone: "bad" },
};

export function StatusBadge({ lifecycle }: { lifecycle: Lifecycle }) {
  const { label, tone } = STATUS[lifecycle.status];
  const ends = lifecycle.status === "deprecated" && lifecycle.shutdown_at;
  return (
    <Badge tone={tone}>
      {label}
      {ends && `, ends ${day(ends)}`}
    </Badge>
  );
}

export function CallableBadge({ card }: { card: ModelCard }) {
  if (card.sandbox) return <Badge>For tests</Badge>;
  return card.callable ? <Badge tone="good">Callable now</Badge> : <Badge>No provider connected</Badge>;
}

export function modalities({ input_modalities, output_modalities }: ModelCard): string {
  return `${input_modalities.join(", ")} → ${output_modalities.join(", ")}`;
}
