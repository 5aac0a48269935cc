/** A list that comes page by page: its rows so far, and a button for those before them. */
import type { InfiniteData, UseInfiniteQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Button } from "./controls";
import { Failure, Loading } from "./telling";

interface Props<Row> {
  query: UseInfiniteQueryResult<InfiniteData<{ data: readonly Row[] }>>;
  children: (rows: readonly Row[]) => ReactNode;
}

export function Pages<Row>({ query, children }: Props<Row>) {
  if (query.isPending) return <Loading />;
  const again = () => void (query.isFetchNextPageError ? query.fetchNextPage() : query.refetch());
  return (
    <>
      {query.data && children(query.data.pages.flatMap((page) => page.data))}
      {query.isError && <Failure error={query.error} onRetry={again} />}
      {query.hasNextPage && (
        <div className="row">
          <Button disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {query.isFetchingNextPage ? "Loading…" : "Older"}
          </Button>
        </div>
      )}
    </>
  );
}
