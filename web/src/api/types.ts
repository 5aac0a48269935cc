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
