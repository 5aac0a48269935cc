"""`entrepot doctor`: what is configured, which providers can be called, what is unsafe."""

from __future__ import annotations

import ipaddress
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import typer

from entrepot.cli import output
from entrepot.cli.options import Config, Home, Json, catalogue_and_tariff, load
from entrepot.settings import SETTINGS, Settings

if TYPE_CHECKING:
    from entrepot.catalog import Catalogue


def command(home: Home = None, config: Config = None, as_json: Json = False) -> None:
    """Report the configuration. Exits with 1 when something is unsafe, 2 when the hub would not start."""
    report = _report(load(home, config))
    if as_json:
        output.record(report, as_json)
    else:
        _print(report)
    if report["warnings"]:
        raise typer.Exit(1)


def _report(settings: Settings) -> dict[str, Any]:
    from entrepot.providers.registry import Registry

    catalogue, _ = catalogue_and_tariff(settings)
    directory = settings.config.parent if settings.config else Path.cwd()
    registry = Registry(catalogue, settings.environ, directory)
    return {
        "home": str(settings.home),
        "config": str(settings.config) if settings.config else None,
        "settings": _settings(settings),
        "providers": [
            {"provider": row.id, "base_url": row.base_url, "status": registry.missing(row) or "ready"}
            for row in catalogue.providers.values()
        ],
        "models": len(catalogue.models),
        "callable_models": sum(bool(registry.upstreams(model)) for model in catalogue.models.values()),
        "warnings": list(_warnings(settings, catalogue, directory)),
    }


def _print(report: dict[str, Any]) -> None:
    print(f"Home      {report['home']}{'' if Path(report['home']).exists() else ' (not made yet)'}")
    print(f"Settings  {report['config'] or 'none; defaults are in force'}")
    output.table(report["settings"], ("setting", "value", "from"), as_json=False)
    output.table(report["providers"], ("provider", "base_url", "status"), as_json=False)
    for warning in report["warnings"]:
        print(f"unsafe: {warning}")
    print("Nothing unsafe was found." if not report["warnings"] else "")


def _settings(settings: Settings) -> list[dict[str, Any]]:
    return [
        {
            "setting": row.key,
            "value": getattr(getattr(settings, row.section), row.name),
            "from": settings.origins.get(row.key, "default"),
        }
        for row in SETTINGS
    ]


def _warnings(settings: Settings, catalogue: Catalogue, directory: Path) -> Iterator[str]:
    if not _is_loopback(settings.server.host):
        yield f"the hub listens on {settings.server.host} without TLS: put a proxy with TLS in front of it"
    if "*" in settings.server.cors_origins:
        yield "any web page may call the API (server.cors_origins has *)"
    if _is_open(settings.home / "pepper"):
        yield f"{settings.home / 'pepper'} can be read by others: chmod 600 it"
    for provider in catalogue.providers.values():
        url = urlsplit(provider.base_url or "")
        if url.scheme == "http" and not _is_loopback(url.hostname or "") and provider.api_key_env:
            yield f"the key of {provider.id} goes over the network unencrypted ({provider.base_url})"
        if provider.api_key_file and _is_open(directory / Path(provider.api_key_file).expanduser()):
            yield f"{provider.api_key_file} can be read by others: chmod 600 it"


def _is_open(path: Path) -> bool:
    return path.exists() and bool(path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"
