/** The token of a link, which stands behind `#` so that browsers send it to nobody. It is kept off the address bar. */
import { useEffect, useState } from "react";
import { useLocation, useNavigate } from "react-router";

/** Empty when the address has none. */
export function useLinkToken(): string {
  const { hash, pathname, search } = useLocation();
  const navigate = useNavigate();
  const [token, setToken] = useState("");
  const fresh = tokenOf(hash);
  if (fresh !== "" && fresh !== token) setToken(fresh);
  useEffect(() => {
    if (fresh !== "") void navigate({ pathname, search }, { replace: true });
  }, [fresh, pathname, search, navigate]);
  return fresh || token;
}

export function tokenOf(hash: string): string {
  return hash.replace(/^#/, "").trim();
}
