/** The records of the API by the names under which the pages use them. */
import type { components } from "./schema";

type Schemas = components["schemas"];

export type ModelPage = Schemas["ModelPage"];
export type ModelCard = Schemas["Card"];
export type Lifecycle = Schemas["Lifecycle"];
export type Fact = Schemas["Fact"];
export type PriceTable = Schemas["PriceTable"];
export type PriceLine = Schemas["PriceLine"];
export type BenchmarkGroup = Schemas["BenchmarkGroup"];
export type Benchmark = Schemas["Benchmark"];
export type RequestField = Schemas["Field"];
export type Snippet = Schemas["Snippet"];
export type SnippetList = Schemas["SnippetList"];
export type ClientTool = Schemas["Tool"];
export type Spread = Schemas["Spread"];
export type Deprecation = Schemas["Deprecation"];
export type Session = Schemas["Session"];
export type Organisation = Schemas["Organisation"];
export type Member = Schemas["Member"];
export type Role = Schemas["Member"]["role"];
export type Invitation = Schemas["Invitation"];
export type Key = Schemas["Key"];
export type NewKey = Schemas["NewKey"];
export type Scope = Schemas["Key"]["scopes"][number];
export type Rule = Schemas["Rule"];
export type Bound = Schemas["Standing"];
export type AuditEntry = Schemas["AuditEntry"];
export type Provider = Schemas["Provider"];
export type ProviderOffer = Schemas["ProviderOffer"];
export type ProviderTest = Schemas["ProviderTest"];
export type Setting = Schemas["Setting"];
export type UsageSums = Schemas["UsageSums"];
export type UsageGroup = Schemas["UsageGroup"];
export type UsageList = Schemas["UsageList"];
export type LogRow = Schemas["LogRow"];
export type LogEntry = Schemas["LogEntry"];
export type LogDetail = Schemas["LogDetail"];
export type LogList = Schemas["LogList"];
export type Wallet = Schemas["Wallet"];
export type Terms = Schemas["WalletTerms"];
export type WalletEntry = Schemas["WalletEntry"];
export type Transaction = Schemas["Transaction"];
export type Voucher = Schemas["Voucher"];
export type NewVoucher = Schemas["NewVoucher"];
export type Statement = Schemas["Statement"];
export type ModelUse = Schemas["StatementUse"];
export type Movement = Schemas["StatementMovement"];
export type Estimate = Schemas["Estimate"];

/** Limits and a budget, as keys and rules have them; null is no bound. */
export type Bounds = Pick<Key, "limits" | "budget">;
