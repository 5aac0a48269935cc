/** The records of the API by the names under which the pages use them. */
import type { components } from "./schema";

type Schemas = components["schemas"];

export type ModelPage = Schemas["Page"];

export type Role = "owner" | "admin" | "developer" | "viewer" | "billing";

export interface Session {
  object: "session";
  member: { id: string; name: string; email: string | null; role: Role };
  organisation: { id: string; name: string };
}

export interface Bounds {
  limits: Record<
    "requests_per_minute" | "tokens_per_minute" | "requests_per_day" | "tokens_per_day" | "concurrency",
    number | null
  >;
  budget: Record<"day_usd" | "week_usd" | "month_usd" | "total_usd", string | null>;
}

export interface Bound {
  used: number | string;
  left: number | string;
  /** When it is whole again; null when it is, or never will be. */
  resets_at: string | null;
}

export type Scope = "inference" | "usage" | "management";

export interface Key extends Bounds {
  id: string;
  prefix: string;
  name: string;
  mode: "live" | "test";
  scopes: Scope[];
  models: string[] | null;
  member_id: string | null;
  project: string | null;
  parent_id: string | null;
  disabled: boolean;
  created_at: string;
  expires_at: string | null;
  standing: Record<string, Bound>;
}

export interface NewKey extends Key {
  /** The token, shown this once. */
  key: string;
}

export interface Rule extends Bounds {
  id: string;
  subject: "organisation" | "member" | "key" | "model";
  subject_id: string;
  model: string | null;
  standing: Record<string, Bound>;
}

export interface Member {
  id: string;
  organisation_id: string;
  name: string;
  email: string | null;
  role: Role;
  has_password: boolean;
  created_at: string;
}

export interface Invitation {
  id: string;
  email: string;
  role: Role;
  created_at: string;
  expires_at: string;
}

export interface AuditEntry {
  id: number;
  at: string;
  actor: string;
  action: string;
  subject: string;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
  request_id: string | null;
}
