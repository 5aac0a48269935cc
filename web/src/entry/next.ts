/** Where to go after signing in: back where one came from, as long as that is a page of this application. */
export function nextPath(search: string, origin: string): string {
  const next = new URLSearchParams(search).get("next") ?? "/";
  if (!/^\/(?![/\\])/.test(next) || !URL.canParse(next, origin)) return "/";
  const url = new URL(next, origin);
  if (url.origin !== origin || url.pathname === "/sign-in") return "/";
  return url.pathname + url.search + url.hash;
}
