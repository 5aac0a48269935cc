/** What went wrong with a call that failed. The hub keeps the status and the code; messages may quote the caller. */

const CODES: Readonly<Record<string, string>> = {
  invalid_request: "A field or header of the request breaks a rule. The answer named it.",
  invalid_json: "The body was not one JSON object.",
  context_length_exceeded:
    "The request had more tokens than the model's context. Send less, or take a larger model.",
  model_not_found: "No model has the name that was asked for.",
  model_not_allowed: "The key may not call this model.",
  rate_limit_exceeded:
    "A limit of the key, its member or its organisation was reached. It is free again after a wait.",
  insufficient_quota: "A budget is full, or the wallet does not hold what the call may cost.",
  price_unknown: "Money is bounded and the model has no price, so the call was not made.",
  request_timeout: "The body came too slowly.",
  request_too_large: "The body was larger than the hub takes.",
  upstream_error: "The provider failed. Trying again later may help.",
  upstream_unreachable: "No connection to the provider came about.",
  upstream_timeout: "The provider did not begin or go on in time.",
  upstream_credential_refused:
    "The provider refused the hub's own key. Whoever runs the hub has to renew it.",
  upstream_overloaded: "The provider said that it had too much to do.",
  upstream_rate_limited: "The provider limits the hub.",
  upstream_protocol_error: "The provider's answer was none, or broke off.",
  no_upstream_configured: "No provider of this model is ready. Whoever runs the hub has to connect one.",
  store_unavailable: "The hub's store could not be used.",
  shutting_down: "The hub was stopping.",
  internal_error: "The hub itself failed. Its own log tells more under the request id.",
};

export function explained(status: number, code: string | null): string {
  const known = code !== null && Object.hasOwn(CODES, code) ? CODES[code] : undefined;
  if (known !== undefined) return known;
  if (status === 499) return "The client went away before the answer had ended.";
  if (status === 429) return "Too much was asked for at once, or more than there was money for.";
  return status < 500
    ? "The request had to be changed: the answer said how."
    : "The hub or a provider failed: the same request may work later.";
}
