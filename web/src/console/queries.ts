/** What several places of the console ask the hub for. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, data } from "../api/client";
import { queryClient } from "../api/queries";
import type { LogList, LogRow, UsageList } from "../api/types";
import type { WindowQuery } from "./window";

/** Which calls: the names are those of the API's query. */
export interface CallFilter {
  model?: string;
  key_id?: string;
  member_id?: string;
  mode?: LogRow["mode"];
}

/** As the API takes it: a parameter that may be repeated is a list. */
function asked<Filter extends CallFilter>({ model, ...filter }: Filter) {
  return { ...filter, ...(model && { model: [model] }) };
}

export const keysQuery = queryOptions({
  queryKey: ["keys"],
  queryFn: async () => (await data(api.GET("/v1/keys"))).data,
});

export const membersQuery = queryOptions({
  queryKey: ["members"],
  queryFn: async () => (await data(api.GET("/v1/members"))).data,
});

/** The caller's own organisation; for managers of the house all. */
export const organisationsQuery = queryOptions({
  queryKey: ["organisations"],
  queryFn: async () => (await data(api.GET("/v1/organisations"))).data,
});

export const usageQuery = (window: WindowQuery, groupBy: string, filter: CallFilter = {}) => {
  const query = { ...window, ...asked(filter), group_by: groupBy };
  return queryOptions({
    queryKey: ["usage", query] as const,
    // What is shown stays until the next comes, as long as its rows are of the same kind.
    placeholderData: (
      before: UsageList | undefined,
      asked: { queryKey: readonly [string, typeof query] } | undefined,
    ) => (asked?.queryKey[1].group_by === groupBy ? before : undefined),
    refetchInterval: 60_000,
    queryFn: () => data(api.GET("/v1/usage", { params: { query } })),
  });
};

export interface LogFilter extends CallFilter {
  status?: string;
}

export const logsQuery = (window: WindowQuery, filter: LogFilter) =>
  infiniteQueryOptions({
    queryKey: ["logs", window, filter],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      logs(window, { ...filter, ...(pageParam && { cursor: pageParam }) }, signal),
    getNextPageParam: (page) => page.next_cursor,
  });

export async function logs(
  window: WindowQuery,
  filter: LogFilter & { cursor?: string; after?: string },
  signal: AbortSignal,
): Promise<LogList> {
  const query = { ...window, ...asked(filter) };
  return data(api.GET("/v1/logs", { params: { query }, signal }));
}

export const logQuery = (id: string) =>
  queryOptions({
    queryKey: ["log", id],
    queryFn: () => data(api.GET("/v1/logs/{id}", { params: { path: { id } } })),
  });

export const rulesQuery = queryOptions({
  queryKey: ["rules"],
  queryFn: async () => (await data(api.GET("/v1/rules"))).data,
});

export const invitationsQuery = queryOptions({
  queryKey: ["invitations"],
  queryFn: async () => (await data(api.GET("/v1/invitations"))).data,
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
