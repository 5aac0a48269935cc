/** A key as its form holds it, and as the API takes it. */
import type { Key, Scope } from "../../api/types";
import {
  type Draft as BoundsDraft,
  BUDGETS,
  draftOf as boundsDraftOf,
  boundsOf,
  isUnbounded,
  LIMITS,
  problem,
} from "../limits/bounds";

export interface KeyDraft {
  name: string;
  mode: "live" | "test";
  scopes: readonly Scope[];
  /** Model ids, one a line or separated by commas; empty is every model. */
  models: string;
  /** A day, `2026-12-31`, at whose end in UTC it expires; empty is never. */
  expires: string;
  project: string;
  memberId: string;
  bounds: BoundsDraft;
}

export const SCOPES: readonly { scope: Scope; label: string; help: string }[] = [
  { scope: "inference", label: "Call models", help: "Every inference route." },
  { scope: "usage", label: "Read usage", help: "Usage, logs and its own costs." },
  { scope: "management", label: "Manage", help: "Keys, members, money and settings: not for applications." },
];

export function draftOf(key: Key | null): KeyDraft {
  return {
    name: key?.name ?? "",
    mode: key?.mode ?? "test",
    scopes: key?.scopes ?? ["inference", "usage"],
    models: key?.models?.join("\n") ?? "",
    expires: key?.expires_at?.slice(0, 10) ?? "",
    project: key?.project ?? "",
    memberId: key?.member_id ?? "",
    bounds: boundsDraftOf(key),
  };
}

export function isComplete(draft: KeyDraft): boolean {
  const fields = [...LIMITS, ...BUDGETS];
  return (
    draft.name.trim() !== "" &&
    draft.scopes.length > 0 &&
    fields.every(({ name }) => problem(name, draft.bounds[name]) === null)
  );
}

/** What a change of a key sends; `specOf` adds what only a new one can choose. */
export function patchOf(draft: KeyDraft) {
  return {
    name: draft.name.trim(),
    scopes: [...draft.scopes],
    models: modelsOf(draft.models),
    expires_at: draft.expires === "" ? null : `${draft.expires}T23:59:59Z`,
    project: draft.project.trim() || null,
    ...boundsOf(draft.bounds),
  };
}

export function specOf(draft: KeyDraft) {
  const { limits, budget, ...rest } = patchOf(draft);
  return {
    ...rest,
    mode: draft.mode,
    member_id: draft.memberId || null,
    ...(isUnbounded({ limits, budget }) ? {} : { limits, budget }),
  };
}

function modelsOf(text: string): string[] | null {
  const models = text.split(/[\s,]+/).filter(Boolean);
  return models.length === 0 ? null : models;
}
