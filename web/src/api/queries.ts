/** What several screens ask the hub for: one key and one fetch for each. */
import { QueryCache, QueryClient, queryOptions } from "@tanstack/react-query";
import { ApiError, api, data } from "./client";
import type { Deprecation, ModelCard, Session } from "./types";

export const queryClient = new QueryClient({
  queryCache: new QueryCache({
    // A session that is over shows as signed out, wherever that is first found.
    onError: (error) => {
      if (error instanceof ApiError && error.status === 401)
        queryClient.setQueryData(sessionQuery.queryKey, null);
    },
  }),
  // Without a network the hub may still be there, on this very machine.
  defaultOptions: {
    mutations: { networkMode: "always" },
    queries: {
      networkMode: "always",
      staleTime: 30_000,
      refetchOnWindowFocus: false,
      retry: (count, error) => count < 2 && !(error instanceof ApiError && error.status < 500),
    },
  },
});

/** What anybody may know of the hub itself. */
export const hubQuery = queryOptions({
  queryKey: ["hub"],
  staleTime: 60_000,
  queryFn: () => data(api.GET("/v1/hub")),
});

/** Who has signed in, or null. The hub is asked first whether anybody has: a refusal would stand on the console. */
export const sessionQuery = queryOptions({
  queryKey: ["session"],
  staleTime: 5 * 60_000,
  queryFn: async (): Promise<Session | null> => {
    if (!(await queryClient.fetchQuery({ ...hubQuery, staleTime: 0 })).signed_in) return null;
    try {
      return await data(api.GET("/v1/session"));
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return null;
      throw error;
    }
  },
});

export const modelPageQuery = (id: string) =>
  queryOptions({
    queryKey: ["models", id, "page"],
    queryFn: () => data(api.GET("/v1/models/{id}/page", { params: { path: { id } } })),
  });

/** Every model that the reader may see, in brief: for the catalogue and for pickers. */
export const modelCardsQuery = queryOptions({
  queryKey: ["models", "cards"],
  queryFn: async (): Promise<ModelCard[]> => (await data(api.GET("/v1/models/pages"))).data,
});

/** The models that are leaving or gone, the next to go first. */
export const deprecationsQuery = queryOptions({
  queryKey: ["models", "deprecations"],
  queryFn: async (): Promise<Deprecation[]> => (await data(api.GET("/v1/models/deprecations"))).data,
});
