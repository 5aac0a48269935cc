/** The records of the API by the names under which the pages use them. */
import type { components } from "./schema";

type Schemas = components["schemas"];

export type ModelPage = Schemas["Page"];
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
export type Provider = Schemas["Provider"];
export type UsageList = Schemas["UsageList"];
export type UsageGroup = Schemas["UsageGroup"];
export type ClientTool = Schemas["Tool"];
export type RelatedModel = Schemas["Related"];
export type Latency = Schemas["Latency"];
export type Spread = Schemas["Spread"];

export interface Deprecation {
  object: "deprecation";
  id: string;
  aliases: string[];
  status: "deprecated" | "shut_down";
  deprecated_at: string | null;
  shutdown_at: string | null;
  replaced_by: string | null;
  note: string | null;
  source: string | null;
}

export type Role = "owner" | "admin" | "developer" | "viewer" | "billing";

export interface Session {
  object: "session";
  member: { id: string; name: string; email: string | null; role: Role };
  organisation: { id: string; name: string };
}

/** What `POST /v1/keys` answers, as far as the pages use it. */
export interface MadeKey {
  id: string;
  object: "key";
  mode: "live" | "test";
  /** Shown this once. */
  key: string;
  expires_at: string | null;
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
