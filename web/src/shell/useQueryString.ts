import { useState } from "react";
import { useSearchParams } from "react-router";

/**
 * The query of the address and a way to replace it. What was written holds at once: the address follows a moment later,
 * and until then a box would lose its tick, a text field the letters typed since, and a second choice the first one.
 */
export function useQueryString(): [URLSearchParams, (next: URLSearchParams) => void] {
  const [params, setParams] = useSearchParams();
  const [written, setWritten] = useState<URLSearchParams | null>(null);
  if (written !== null && written.toString() === params.toString()) setWritten(null);
  const write = (next: URLSearchParams) => {
    setWritten(next);
    setParams(next, { replace: true, preventScrollReset: true });
  };
  return [written ?? params, write];
}
