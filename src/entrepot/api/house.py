"""GET /v1/hub and /v1/settings: what this hub is, for anybody, and how it is set, for who runs it."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from entrepot.accounts.callers import Caller
from entrepot.administration import signing_in
from entrepot.api.answers.house import HubInfo, Setting, SettingList, Source
from entrepot.api.cookies import session_token
from entrepot.api.health import VERSION
from entrepot.api.respond import caller_of, desk_of, hub_of, json_response
from entrepot.errors import Forbidden
from entrepot.hub import Hub
from entrepot.providers.registry import SANDBOX
from entrepot.providers.sandbox.faults import PREFIX
from entrepot.settings import SECRET_VARIABLES, SETTINGS, Settings
from entrepot.settings import Setting as Row

ADDRESSES = ("upstream.proxy", "wallet.notice_url")
"""Settings whose values may hold a password or a token: no more is shown than where they lead."""

SECRETS = {name: f"wallet.{name.removeprefix('ENTREPOT_WALLET_').lower()}" for name in SECRET_VARIABLES}


async def show_hub(request: Request) -> Response:
    """What a page must know before anybody has signed in."""
    token = session_token(request)
    is_signed_in = token is not None and await asyncio.to_thread(signing_in.is_live, desk_of(request), token)
    return json_response(await asyncio.to_thread(_info, hub_of(request), is_signed_in))


async def list_settings(request: Request) -> Response:
    """Every setting in force, and where it comes from. Only who runs the hub may see them."""
    require_house(caller_of(request))
    settings = hub_of(request).configuration.settings
    shown = [_setting(settings, row) for row in SETTINGS]
    return json_response(SettingList(data=(*shown, *(_secret(settings, name) for name in SECRETS))))


def require_house(caller: Caller) -> None:
    """What is the hub's and no organisation's is for members and keys of the house. Raises Forbidden."""
    if not caller.house:
        raise Forbidden("Only those who run the hub may see this.", code="role_missing")


def _info(hub: Hub, is_signed_in: bool) -> HubInfo:
    configuration = hub.configuration
    catalogue, registry = configuration.catalogue, configuration.registry
    owner = hub.store.owner()
    connected = [
        provider
        for provider in catalogue.providers.values()
        if provider.id != SANDBOX
        and registry.is_available(provider.id)
        and (provider.declared or registry.is_own(provider.id) or registry.credentials[provider.id].key)
    ]
    own = [
        model.id for model in catalogue.models.values() if any(registry.is_own(each.provider) for each in model.offers)
    ]
    return HubInfo(
        version=VERSION,
        url=configuration.settings.url,
        pages=configuration.settings.server.pages,
        signed_in=is_signed_in,
        welcome_needed=owner is not None and not owner.has_password,
        models=len(catalogue.models),
        test_models=tuple(name for name in catalogue.models if name.startswith(PREFIX)),
        local_models=tuple(own),
        connected_providers=len(connected),
    )


def _setting(settings: Settings, row: Row) -> Setting:
    value, origin = getattr(getattr(settings, row.section), row.name), settings.origins.get(row.key)
    return Setting(
        name=row.key,
        section=row.section,
        description=row.help,
        value=place(value) if row.key in ADDRESSES else value,
        default=row.default,
        is_set=origin is not None,
        secret=False,
        source=_source(row, origin),
        origin=origin,
        variable=row.env,
        flag=row.flag,
    )


def _source(row: Row, origin: str | None) -> Source:
    if origin is None:
        return "default"
    return "flag" if origin == row.flag else "environment" if origin == row.env else "file"


def _secret(settings: Settings, variable: str) -> Setting:
    """Whether the variable is set. Where a file is named instead, that is a setting of its own."""
    is_set = bool(settings.environ.get(variable))
    name = SECRETS[variable]
    return Setting(
        name=name,
        section="wallet",
        description=f"Secret for webhooks, where `{name}_file` names no file.",
        value=None,
        default=None,
        is_set=is_set,
        secret=True,
        source="environment" if is_set else "default",
        origin=variable if is_set else None,
        variable=variable,
        flag=None,
    )


def place(url: str) -> str:
    """An address without what may be secret in it: user, password, path and query."""
    parts = urlsplit(url)
    hidden = "…@" if "@" in parts.netloc else ""
    rest = "/…" if parts.path.strip("/") or parts.query else ""
    return f"{parts.scheme}://{hidden}{parts.netloc.rpartition('@')[2]}{rest}" if url else url
