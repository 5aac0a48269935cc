"""Every failure the hub can tell a client, by who is to blame.

    EntrepotError
     ├─ CallerError                     4xx: the request must change
     │   ├─ InvalidRequest              400  invalid_request, or a narrower code; names `param`
     │   ├─ InvalidJSON                 400  invalid_json
     │   ├─ ContextTooLong              400  context_length_exceeded
     │   ├─ Unauthenticated             401  invalid_api_key, invalid_credentials, session_ended, key_expired …
     │   ├─ Forbidden                   403  model_not_allowed, scope_missing, role_missing, beyond_maker …
     │   ├─ NotFound                    404  not_found, model_not_found, key_not_found, member_not_found …
     │   ├─ MethodNotAllowed            405  method_not_allowed
     │   ├─ RequestTimeout              408  request_timeout
     │   ├─ Conflict                    409  already_exists, last_owner: as things stand, it cannot be
     │   ├─ IdempotencyKeyReused        422  idempotency_key_reused: for another request
     │   ├─ RequestTooLarge             413  request_too_large
     │   ├─ AddressTooLong              414  address_too_long
     │   ├─ UnsupportedMediaType        415  unsupported_media_type
     │   ├─ RateLimited                 429  rate_limit_exceeded: by a rule of the hub
     │   ├─ QuotaExhausted              429  insufficient_quota: there is no money for the call; 402 in Messages
     │   │   ├─ BudgetExhausted         429  insufficient_quota
     │   │   └─ InsufficientFunds       429  insufficient_quota
     │   ├─ HeadersTooLarge             431  headers_too_large
     │   └─ UpstreamRefusal             4xx  the upstream's verdict on the caller's own input
     ├─ UpstreamError                   502  upstream_error: the provider broke
     │   ├─ UpstreamUnreachable         502  upstream_unreachable
     │   ├─ UpstreamTimeout             504  upstream_timeout
     │   ├─ UpstreamCredentialRefused   502  upstream_credential_refused: the hub's key, never the client's
     │   ├─ UpstreamOverloaded          503  upstream_overloaded
     │   ├─ UpstreamRateLimited         429  upstream_rate_limited
     │   └─ UpstreamBroken              502  upstream_protocol_error, upstream_stream_broken
     └─ HubError                        5xx: the hub itself
         ├─ NoUpstream                  503  no_upstream_configured
         ├─ PriceUnknown                503  price_unknown
         ├─ StoreUnavailable            503  store_unavailable
         ├─ ShuttingDown                503  shutting_down
         └─ Internal                    500  internal_error

`ConfigurationError` stands apart: it stops a start or a reload and never reaches a client.
Errors are raised anywhere and written in one place, in the dialect of the route.
"""

from __future__ import annotations


class EntrepotError(Exception):
    """A failure with an HTTP `status`, a stable `code` and, where one field is at fault, its `param`.

    `retry_after_s` becomes the Retry-After header; `should_retry` the `x-should-retry` header that
    OpenAI's and Anthropic's SDKs obey (None leaves the decision to them).
    """

    status = 500
    code = "internal_error"
    should_retry: bool | None = None

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        retry_after_s: float | None = None,
        should_retry: bool | None = None,
    ) -> None:
        super().__init__(message)
        if should_retry is not None:
            self.should_retry = should_retry
        self.message = message
        self.code = code or type(self).code
        self.param = param
        self.retry_after_s = retry_after_s


class CallerError(EntrepotError):
    status = 400
    code = "invalid_request"


class InvalidRequest(CallerError):
    pass


class InvalidJSON(CallerError):
    code = "invalid_json"


class ContextTooLong(CallerError):
    code = "context_length_exceeded"


class Unauthenticated(CallerError):
    status = 401
    code = "invalid_api_key"


class Forbidden(CallerError):
    status = 403
    code = "model_not_allowed"


class NotFound(CallerError):
    status = 404
    code = "not_found"


class MethodNotAllowed(CallerError):
    status = 405
    code = "method_not_allowed"


class RequestTimeout(CallerError):
    status = 408
    code = "request_timeout"


class Conflict(CallerError):
    status = 409
    code = "already_exists"


class IdempotencyKeyReused(CallerError):
    status = 422
    code = "idempotency_key_reused"


class RequestTooLarge(CallerError):
    status = 413
    code = "request_too_large"


class AddressTooLong(CallerError):
    status = 414
    code = "address_too_long"


class UnsupportedMediaType(CallerError):
    status = 415
    code = "unsupported_media_type"


class HeadersTooLarge(CallerError):
    status = 431
    code = "headers_too_large"


class RateLimited(CallerError):
    status = 429
    code = "rate_limit_exceeded"


class QuotaExhausted(CallerError):
    """There is no money for the call. Anthropic's dialect has a status of its own for it."""

    status = 429
    code = "insufficient_quota"
    should_retry = False


class BudgetExhausted(QuotaExhausted):
    pass


class InsufficientFunds(QuotaExhausted):
    pass


class UpstreamRefusal(CallerError):
    """An upstream's 4xx about the caller's own input: passed on with its status, never retried."""

    def __init__(self, message: str, *, status: int, code: str | None = None, param: str | None = None) -> None:
        super().__init__(message, code=code, param=param)
        self.status = status


class UpstreamError(EntrepotError):
    status = 502
    code = "upstream_error"


class UpstreamUnreachable(UpstreamError):
    """No connection was made, so nothing was sent: another attempt is always safe."""

    code = "upstream_unreachable"


class UpstreamTimeout(UpstreamError):
    """`sent` says whether the request had been sent by then."""

    status = 504
    code = "upstream_timeout"
    sent = True


class UpstreamCredentialRefused(UpstreamError):
    code = "upstream_credential_refused"


class UpstreamOverloaded(UpstreamError):
    status = 503
    code = "upstream_overloaded"


class UpstreamRateLimited(UpstreamError):
    status = 429
    code = "upstream_rate_limited"


class UpstreamBroken(UpstreamError):
    """The upstream answered, but not in its protocol, or stopped in the middle of an answer."""

    code = "upstream_protocol_error"


def upstream_error(code: str, message: str) -> UpstreamError:
    """The failure whose class has this code; any other code is that of a broken answer."""
    classes: list[type[UpstreamError]] = [UpstreamError, *UpstreamError.__subclasses__()]
    kinds = {kind.code: kind for kind in classes}
    return kinds.get(code, UpstreamBroken)(message, code=code)


class HubError(EntrepotError):
    pass


class NoUpstream(HubError):
    status = 503
    code = "no_upstream_configured"
    should_retry = False


class PriceUnknown(HubError):
    """Money is bounded, and the model has no price: the operator must give it one."""

    status = 503
    code = "price_unknown"
    should_retry = False


class StoreUnavailable(HubError):
    status = 503
    code = "store_unavailable"


class ShuttingDown(HubError):
    status = 503
    code = "shutting_down"


class Internal(HubError):
    pass


class ConfigurationError(Exception):
    """A setting, catalogue file or environment variable that the hub refuses to start with.

    `path` names the place inside the document (table keys and array indexes), from which the
    settings reader finds the line.
    """

    def __init__(self, message: str, *, path: tuple[str | int, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
