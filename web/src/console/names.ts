/** Keys and members by the names that people know them by. Who was removed, or may not be seen, keeps the id. */
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { UNKNOWN } from "../ui/format";
import { keysQuery, membersQuery } from "./queries";
import { useSession } from "./session";

type Id = string | null | undefined;

export interface Names {
  key: (id: Id) => string;
  member: (id: Id) => string;
}

export function useNames(): Names {
  const { role } = useSession().member;
  const keys = useQuery({ ...keysQuery, enabled: role !== "billing" });
  const members = useQuery(membersQuery);
  return useMemo(
    () => ({ key: (id) => named(keys.data, id), member: (id) => named(members.data, id) }),
    [keys.data, members.data],
  );
}

function named(known: readonly { id: string; name: string }[] | undefined, id: Id): string {
  if (id == null) return UNKNOWN;
  return known?.find((each) => each.id === id)?.name ?? id;
}
