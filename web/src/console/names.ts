/** Keys, members and the organisation by the names that people know. Who is gone, or may not be seen, keeps the id. */
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { UNKNOWN } from "../ui/format";
import { keysQuery, membersQuery } from "./queries";
import { useSession } from "./session";

type Id = string | null | undefined;

export interface Names {
  key: (id: Id) => string;
  member: (id: Id) => string;
  /** Whom a rule or a budget is for. */
  subject: (kind: string, id: string) => string;
  /** What records write as `member:…`, `key:…` or `operator`; all else as it is. */
  actor: (text: string) => string;
}

export function useNames(): Names {
  const { member, organisation } = useSession();
  const keys = useQuery({ ...keysQuery, enabled: member.role !== "billing" }).data;
  const members = useQuery(membersQuery).data;
  return useMemo(() => {
    const known = new Map(Object.entries({ key: keys, member: members, organisation: [organisation] }));
    const subject = (kind: string, id: string) => named(known.get(kind), id);
    return {
      key: (id) => named(keys, id),
      member: (id) => named(members, id),
      subject,
      actor: (text) => {
        const [kind = "", id] = text.split(/:(.*)/s);
        if (text === "operator") return "the command line";
        return id !== undefined && known.has(kind) ? subject(kind, id) : text;
      },
    };
  }, [keys, members, organisation]);
}

function named(known: readonly { id: string; name: string }[] | undefined, id: Id): string {
  if (id == null) return UNKNOWN;
  return known?.find((each) => each.id === id)?.name ?? id;
}
