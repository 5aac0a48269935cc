/** How a page tells of states and facts: badges, tiles, and what stands where there is nothing, not yet or an error. */
import type { ReactNode } from "react";
import { ApiError } from "../api/client";
import { Button } from "./controls";

export type Tone = "accent" | "good" | "warn" | "bad";

export function Badge({ tone, children }: { tone?: Tone | undefined; children: ReactNode }) {
  return (
    <span className="badge" data-tone={tone}>
      {children}
    </span>
  );
}

export function Notice({ tone, children }: { tone?: Tone | undefined; children: ReactNode }) {
  return (
    <div className="notice" data-tone={tone} role={tone === "bad" ? "alert" : "note"}>
      {children}
    </div>
  );
}

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <strong>{title}</strong>
      {children}
    </div>
  );
}

export function Loading({ what = "Loading…" }: { what?: string }) {
  return (
    <p className="loading" role="status">
      {what}
    </p>
  );
}

/** An error with all that helps to mend it. */
export function Failure({ error, onRetry }: { error: unknown; onRetry?: (() => void) | undefined }) {
  const known = error instanceof ApiError ? error : null;
  return (
    <Notice tone="bad">
      <p>
        {known?.message ?? (error instanceof Error ? error.message : "Something went wrong on this page.")}
      </p>
      {known && (known.code || known.requestId) && (
        <p className="small muted">
          {[known.status || null, known.code, known.param, known.requestId].filter(Boolean).join(" · ")}
        </p>
      )}
      {onRetry && (
        <p>
          <Button onClick={onRetry} small>
            Try again
          </Button>
        </p>
      )}
    </Notice>
  );
}

export function Stats({ children }: { children: ReactNode }) {
  return <dl className="stats">{children}</dl>;
}

export function Stat({ name, value, note }: { name: string; value: ReactNode; note?: ReactNode }) {
  return (
    <div className="stat">
      <dt>{name}</dt>
      <dd>
        {value}
        {note && <small>{note}</small>}
      </dd>
    </div>
  );
}
