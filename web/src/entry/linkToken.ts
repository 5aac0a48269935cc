/** The token of a link, which stands behind `#` so that browsers send it to nobody. It is kept off the address bar. */
import { useEffect, useState } from "react";
import { useLocation, useNavigate } from "react-router";

/** Empty when the address has none. */
export function useLinkToken(): string {
  const { hash, pathname, search } = useLocation();
  const navigate = useNavigate();
  const [token, setToken] = useState("");
  const [first] = useState(() => tokenOf(hash));
  useEffect(() => {
    if (tokenOf(hash) === "") return;
    setToken(tokenOf(hash)); // another link may be opened where the first one was
    void navigate({ pathname, search }, { replace: true });
  }, [hash, pathname, search, navigate]);
  return token || first;
}

export function tokenOf(hash: string): string {
  return decodeURIComponent(hash.replace(/^#/, "")).trim();
}
