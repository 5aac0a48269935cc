/** What the screens of administration ask the hub for. */
import { queryOptions } from "@tanstack/react-query";
import { api, data } from "../api/client";
import { queryClient } from "../api/queries";
import type { Invitation, Key, Member, Rule } from "../api/types";

interface List<Row> {
  data: Row[];
}

export const keysQuery = queryOptions({
  queryKey: ["keys"],
  queryFn: async () => ((await data(api.GET("/v1/keys"))) as List<Key>).data,
});

export const rulesQuery = queryOptions({
  queryKey: ["rules"],
  queryFn: async () => ((await data(api.GET("/v1/rules"))) as List<Rule>).data,
});

export const membersQuery = queryOptions({
  queryKey: ["members"],
  queryFn: async () => ((await data(api.GET("/v1/members"))) as List<Member>).data,
});

export const invitationsQuery = queryOptions({
  queryKey: ["invitations"],
  queryFn: async () => ((await data(api.GET("/v1/invitations"))) as List<Invitation>).data,
});

export const providersQuery = queryOptions({
  queryKey: ["providers"],
  queryFn: async () => (await data(api.GET("/v1/providers"))).data,
});

export const settingsQuery = queryOptions({
  queryKey: ["settings"],
  queryFn: async () => (await data(api.GET("/v1/settings"))).data,
});

/** What has been read of these is out of date. */
export function changed(...names: readonly string[]): void {
  for (const name of names) void queryClient.invalidateQueries({ queryKey: [name] });
}
