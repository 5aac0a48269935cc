"""The browser application as files: one HTML document for all of its screens, and what that loads.

It is built from `web/` into the package. What its screens show they ask of the API; nothing secret is in the files.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from html import escape
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from entrepot.api.accepting import preferred
from entrepot.api.respond import hub_of, unless_known
from entrepot.catalog import Model
from entrepot.errors import NotFound
from entrepot.pages.page import addresses
from entrepot.settings import Settings

ROOT = Path(__file__).parents[1] / "web"
SCREENS = (
    "/workbench",
    "/compare",
    "/console",
    "/console/{path:path}",
    "/sign-in",
    "/welcome",
    "/reset",
    "/invitation",
)
"""Addresses that have nothing but a screen. Others have one beside their data, see `entrepot.app`."""

BESIDE_MODELS = frozenset({"compare", "deprecations"})
"""Screens about many models, below `/models/` where else the page of one is."""

ASSET = "/assets/{name}"
PUBLIC = ("/favicon.svg", "/theme.js")
"""Files without a hash in their names: the icon, and what sets the theme before the first paint."""

POLICY = "; ".join((
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "worker-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
))  # fmt: skip
HEADERS: Mapping[str, str] = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
}
MEDIA_TYPES: Mapping[str, str] = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
FOREVER = "public, max-age=31536000, immutable"
NOT_BUILT = """The browser application is not in this installation: it has not been built.

In a checkout, `make run` builds it and starts the hub; `pip install .` builds it into the package.
The API works without it: {url}/llms.txt says what there is.
"""

_NAME = re.compile(r"[\w-][\w.-]*", re.ASCII)
_TITLE = re.compile(r"<title>.*?</title>", re.DOTALL)


async def show_screen(request: Request) -> Response:
    """The application, which finds its screen by the address."""
    return await _document(request)


async def show_nowhere(request: Request) -> Response:
    """The application at an address that is none of its own: it says so, and where else to go."""
    return await _document(request, status=404)


async def show_model(request: Request) -> Response:
    """The application at a model's page, with the model's own title, description and addresses for whoever does not
    run scripts. It is a 404 where no model has that name; where pages are private, neither is told."""
    configuration, name = hub_of(request).configuration, request.path_params["id"]
    settings, model = configuration.settings, configuration.catalogue.find(name)
    if settings.server.pages == "private" or name in BESIDE_MODELS:
        return await _document(request)
    return await _document(request, _head(settings, model) if model else "", 200 if model else 404)


async def show_asset(request: Request) -> Response:
    """A script, style, font or picture of the application. Its name has its hash in it, so it never changes."""
    return await _file(request, Path("assets", request.path_params["name"]), FOREVER)


async def show_public(request: Request) -> Response:
    """One of the few files that are loaded beside the assets."""
    return await _file(request, Path(request.url.path[1:]), "no-cache")


async def _document(request: Request, head: str = "", status: int = 200) -> Response:
    settings = hub_of(request).configuration.settings
    html = await asyncio.to_thread(_read, ROOT / "index.html")
    if html is None:
        return Response(NOT_BUILT.format(url=settings.url), 503, HEADERS, media_type="text/plain")
    text = _TITLE.sub(lambda _: head, html.decode(), count=1) if head else html.decode()
    headers = {**HEADERS, "cache-control": "no-cache", "vary": "accept"}
    return unless_known(request, Response(text, status, media_type="text/html"), headers)


def _head(settings: Settings, model: Model) -> str:
    found = addresses(settings.url, model)
    described = model.summary or model.description.strip().partition("\n")[0]
    return "\n    ".join((
        f"<title>{escape(model.name)} · Entrepôt</title>",
        *([f'<meta name="description" content="{escape(described)}" />'] if described else []),
        f'<link rel="canonical" href="{escape(found.page)}" />',
        f'<link rel="alternate" type="text/markdown" href="{escape(found.markdown)}" />',
    ))  # fmt: skip


async def _file(request: Request, path: Path, cached: str) -> Response:
    """A built file, as its compressed twin where the client takes that. Raises NotFound."""
    media_type = MEDIA_TYPES.get(path.suffix)
    if media_type is None or not _NAME.fullmatch(path.name):
        raise NotFound("There is nothing at this address.")
    takes_gzip = preferred(request.headers.get("accept-encoding", ""), ("gzip",)) is not None
    headers = {**HEADERS, "cache-control": cached, "vary": "accept-encoding"}
    packed = await asyncio.to_thread(_read, ROOT / f"{path}.gz") if takes_gzip else None
    if packed is not None:
        headers["content-encoding"] = "gzip"
    body = await asyncio.to_thread(_read, ROOT / path) if packed is None else packed
    if body is None:
        raise NotFound("There is nothing at this address.")
    return unless_known(request, Response(body, media_type=media_type), headers)


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except (FileNotFoundError, IsADirectoryError):
        return None
