/** The records of the API by the names under which the pages use them. */
import type { components } from "./schema";

type Schemas = components["schemas"];

export type ModelPage = Schemas["ModelPage"];
export type ModelCard = Schemas["Card"];
export type Lifecycle = Schemas["Lifecycle"];
export type Fact = Schemas["Fact"];
export type PriceTable = Schemas["PriceTable"];
export type PriceLine = Schemas["PriceLine"];
export type TypicalCall = Schemas["TypicalCall"];
export type BenchmarkGroup = Schemas["BenchmarkGroup"];
export type Benchmark = Schemas["Benchmark"];
export type RequestField = Schemas["Field"];
export type Snippet = Schemas["Snippet"];
export type SnippetList = Schemas["SnippetList"];
export type ClientTool = Schemas["Tool"];
export type RelatedModel = Schemas["Related"];
export type Latency = Schemas["Latency"];
export type Spread = Schemas["Spread"];
export type Deprecation = Schemas["Deprecation"];
export type Setting = Schemas["Setting"];
export type ProviderTest = Schemas["ProviderTest"];
export type ProviderOffer = Schemas["ProviderOffer"];
export type Provider = Schemas["Provider"];

export type Role = "owner" | "admin" | "developer" | "viewer" | "billing";

export interface Session {
  object: "session";
  member: { id: string; name: string; email: string | null; role: Role };
  organisation: Organisation;
}

export interface Organisation {
  id: string;
  name: string;
  house: boolean;
  created_at: string;
}

export type Mode = "live" | "test";

export type UsageSums = Schemas["UsageSums"];
export type UsageGroup = Schemas["UsageGroup"];
export type UsageList = Schemas["UsageList"];
export type LogRow = Schemas["LogRow"];
export type LogEntry = Schemas["LogEntry"];
export type LogDetail = Schemas["LogDetail"];
export type LogList = Schemas["LogList"];

export interface Terms {
  payment: "prepaid" | "postpaid";
  credit_usd: string | null;
}

export interface Wallet {
  organisation_id: string;
  currency: string;
  balance_usd: string;
  reserved_usd: string;
  available_usd: string | null;
  terms: Terms;
}

export interface WalletEntry {
  id: string;
  type: string;
  amount_usd: string;
  note: string | null;
  created_at: string;
}

export type Transaction = Schemas["Transaction"];

export interface Paged<Row> {
  data: Row[];
  has_more: boolean;
  next_cursor: string | null;
}

export interface Voucher {
  id: string;
  amount_usd: string;
  note: string | null;
  actor: string;
  created_at: string;
  expires_at: string | null;
  redeemed_at: string | null;
  redeemed_by: string | null;
  /** Only in the answer that made it. */
  code?: string;
}

export interface Rule {
  id: string;
  subject: "organisation" | "member" | "key" | "model";
  subject_id: string;
  model: string | null;
  budget: Record<"day_usd" | "week_usd" | "month_usd" | "total_usd", string | null>;
  standing: Record<string, { used: string | number; left: string | number; resets_at: string | null }>;
}

export interface MeterUse {
  meter: string;
  units: number | null;
  cost_usd: string;
}

export interface ModelUse {
  model: string | null;
  key_id: string | null;
  key_name: string | null;
  requests: number;
  input_tokens: number;
  cached_tokens: number;
  cache_write_tokens: number;
  output_tokens: number;
  reasoning_tokens: number;
  cost_usd: string;
  meters: MeterUse[];
}

export interface Movement {
  type: string;
  at: string;
  amount_usd: string;
  reference: string;
  actor: string | null;
  note: string | null;
}

export interface Statement {
  organisation_id: string;
  organisation: string;
  month: string;
  from: string;
  until: string;
  closed: boolean;
  currency: string;
  opening_balance_usd: string;
  movements_usd: string;
  usage_usd: string;
  closing_balance_usd: string;
  movements: Movement[];
  usage: ModelUse[];
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

export interface Estimate {
  object: "estimate";
  model: string;
  input_tokens: number;
  likely_output_tokens: number;
  most_output_tokens: number;
  fits_context: boolean | null;
  likely_cost_usd: string | null;
  most_cost_usd: string | null;
}

export interface EstimateList {
  object: "list";
  protocol: string;
  data: Estimate[];
}
