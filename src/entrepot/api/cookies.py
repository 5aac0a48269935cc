"""The session's cookie, and how requests are refused that another site has made a browser send."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from entrepot.api.respond import hub_of
from entrepot.errors import Forbidden
from entrepot.settings import Settings

NAME = "entrepot_session"
SAFE_METHODS = ("GET", "HEAD")


def session_token(request: Request) -> str | None:
    return request.cookies.get(cookie_name(_settings(request)))


def cookie_name(settings: Settings) -> str:
    """Over HTTPS with the prefix by which browsers let no other host, path or plain connection set it."""
    return f"__Host-{NAME}" if _is_secure(settings) else NAME


def set_session(request: Request, response: Response, token: str) -> None:
    settings = _settings(request)
    response.set_cookie(
        cookie_name(settings),
        token,
        max_age=settings.accounts.session_longest_s,
        secure=_is_secure(settings),
        httponly=True,
        samesite="lax",
    )


def clear_session(request: Request, response: Response) -> None:
    settings = _settings(request)
    response.delete_cookie(cookie_name(settings), secure=_is_secure(settings), httponly=True, samesite="lax")


def refuse_cross_site(request: Request, *, by_cookie: bool) -> None:
    """Raises Forbidden for a request that changes something and that a page of another site has caused.

    A request that a cookie vouches for must say where it comes from; one that brings its own proof is refused only
    when it says that it comes from elsewhere (OWASP's cheat sheet on cross-site request forgery).
    """
    if request.method in SAFE_METHODS:
        return
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        is_own = site in ("same-origin", "none")
    elif origin is not None:
        is_own = _is_own(request, origin)
    else:
        is_own = not by_cookie
    if not is_own:
        raise Forbidden("This request comes from another site.", code="cross_site_request")


def _is_own(request: Request, origin: str) -> bool:
    """Whether it is the origin under which the hub was called, or is known."""
    try:
        given, known = urlsplit(origin), urlsplit(_settings(request).url)
    except ValueError:
        return False
    if (given.scheme, given.netloc) == (known.scheme, known.netloc):
        return True
    return not _is_secure(_settings(request)) and (given.scheme, given.netloc) == ("http", request.headers.get("host"))


def _is_secure(settings: Settings) -> bool:
    return settings.url.startswith("https://")


def _settings(request: Request) -> Settings:
    return hub_of(request).configuration.settings
