"""Liveness, readiness and version: open to everyone, saying nothing that is secret."""

from __future__ import annotations

from importlib.metadata import version

import apsw
from starlette.requests import Request
from starlette.responses import Response

from entrepot.api.answers.house import HubName, HubVersion, Liveness, Readiness
from entrepot.api.respond import hub_of, json_response

VERSION = version("entrepot")


async def root(request: Request) -> Response:
    """What this is; also answers the HEAD / with which some clients look for a server."""
    return json_response(HubName(version=VERSION))


async def health(request: Request) -> Response:
    """200 as long as the process answers."""
    return json_response(Liveness(status="ok"))


async def ready(request: Request) -> Response:
    """200 when requests are welcome; 503 while the hub drains, loads a model, or its store refuses writes."""
    hub = hub_of(request)
    is_ready = not (hub.draining or hub.loading or hub.store.failing)
    found = Readiness(
        status="ready" if is_ready else "unavailable",
        draining=hub.draining,
        store="failing" if hub.store.failing else "ok",
        loading=tuple(sorted(hub.loading)),
        not_loaded=tuple(sorted(hub.unloadable)),
        configuration="last good" if hub.reload_error else "ok",
        configuration_generation=hub.configuration.generation,
    )
    return json_response(found, 200 if is_ready else 503)


async def show_version(request: Request) -> Response:
    """Name, version and the version of SQLite."""
    return json_response(HubVersion(version=VERSION, sqlite=apsw.sqlite_lib_version()))
