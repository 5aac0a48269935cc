"""One hub process from start to end: home, engines, HTTP server, reload, drain."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from entrepot import settings as settings_module
from entrepot import tariff as tariff_module
from entrepot import webhooks
from entrepot.accounts.callers import caller_by_session
from entrepot.administration import members
from entrepot.administration.desk import Desk
from entrepot.app import App
from entrepot.catalog import load
from entrepot.edge.listener import BACKLOG, Listener
from entrepot.errors import ConfigurationError
from entrepot.home import Home, first_keys, lock, open_home
from entrepot.hub import Configuration, Hub
from entrepot.keys import Mode
from entrepot.low_balance import Notifier
from entrepot.providers.http import Http
from entrepot.providers.local import LocalEngine
from entrepot.providers.registry import Registry
from entrepot.settings import Settings
from entrepot.tariff import Tariff, guard
from entrepot.telemetry import Formatter

log = logging.getLogger(__name__)

GC_THRESHOLDS = (20_000, 20, 20)  # exchanges leave few cycles; Python's 700 cost 6 % of a stream's time
MOST_OPEN_FILES = 65_536  # two for each call
WRITE_WAIT_S = 10.0  # for what is still to be written when the hub stops
CONFIG_POLL_S = 0.5

Reread = Callable[[], Settings]
Announce = Callable[[Settings, Mapping[Mode, str], str], None]


def run(read: Reread, announce: Announce) -> None:
    """Serve until SIGTERM or SIGINT. `read` gives the settings, again at each reload; `announce` is told
    once that the hub answers, with the first keys and the owner's link if this run made any.

    Raises ConfigurationError for whatever must stop the start.
    """
    settings = read()
    if sys.platform == "win32":
        asyncio.run(_serve(settings, read, announce))
    else:
        import uvloop

        _raise_open_files()
        uvloop.run(_serve(settings, read, announce))


async def _serve(settings: Settings, read: Reread, announce: Announce) -> None:
    formatter = _log_to_stderr(settings)
    home = open_home(settings.home, settings.ledger.durability)
    held = lock(settings.home)
    engines = _engines(settings)
    try:
        with _bind(settings.server) as listening:
            bound = msgspec.structs.replace(settings.server, port=listening.getsockname()[1])
            configurator = _Configurator(formatter, engines, bound)
            hub = Hub(configurator.configure(settings), home.store, home.pepper)
            tokens = first_keys(home)
            hub.refresh_keys()
            welcome = _welcome(home) if tokens else ""
            settings = hub.configuration.settings
            await _listen(listening, hub, settings, configurator, read, lambda: announce(settings, tokens, welcome))
    finally:
        await asyncio.get_running_loop().shutdown_default_executor()
        await asyncio.gather(*(engine.stop() for engine in engines))
        home.store.close()
        held.close()


async def _listen(
    listening: socket.socket,
    hub: Hub,
    settings: Settings,
    configurator: _Configurator,
    read: Reread,
    announce: Callable[[], None],
) -> None:
    listener = Listener(App(hub), header_timeout_s=settings.server.header_timeout_s)
    stop, hurry = asyncio.Event(), asyncio.Event()
    _on_signals(stop, hurry)
    await listener.start(listening)
    followers = [
        asyncio.create_task(hub.follow_keys()),
        asyncio.create_task(hub.books.follow_progress()),
        asyncio.create_task(Notifier(hub).follow()),
        asyncio.create_task(_follow_settings(hub, configurator, read)),
        *(asyncio.create_task(_start(engine, hub, configurator)) for engine in configurator.engines),
    ]
    await asyncio.sleep(0)
    gc.collect()
    gc.freeze()  # what start-up made lives as long as the process: no need to look at it again
    gc.set_threshold(*GC_THRESHOLDS)
    announce()
    await stop.wait()
    await _drain(hub, settings.server.drain_s, hurry)
    await hub.books.finish(WRITE_WAIT_S)
    for follower in followers:
        follower.cancel()
    await listener.stop()


async def _drain(hub: Hub, seconds: float, hurry: asyncio.Event) -> None:
    draining = asyncio.create_task(hub.drain(seconds))
    hurrying = asyncio.create_task(hurry.wait())
    await asyncio.wait([draining, hurrying], return_when=asyncio.FIRST_COMPLETED)
    hurrying.cancel()
    if not draining.done():
        draining.cancel()
        await hub.drain(0)


def _on_signals(stop: asyncio.Event, hurry: asyncio.Event) -> None:
    def end() -> None:
        (hurry if stop.is_set() else stop).set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end)


def _welcome(home: Home) -> str:
    """The token of the owner's link; none when a password is set already."""
    if home.owner.has_password:
        return ""
    desk = Desk(store=home.store, pepper=home.pepper)
    return members.link(desk, caller_by_session(home.owner, house=True), home.owner.id, "welcome")


# Configuration ------------------------------------------------------------------------------------


class _Configurator:
    """Makes a Configuration from settings; keeps what outlives a reload, such as where the hub listens."""

    def __init__(self, formatter: Formatter, engines: list[LocalEngine], listening: settings_module.Server) -> None:
        self.engines = engines
        self._listening = listening
        self._formatter = formatter
        self._generation = 0
        self._http: tuple[settings_module.Upstream, Http] | None = None
        self._tariff: Tariff | None = None

    def configure(self, settings: Settings) -> Configuration:
        """Raises ConfigurationError, naming file and line, and then has changed nothing."""
        host, port = self._listening.host, self._listening.port
        settings = msgspec.structs.replace(
            settings, server=msgspec.structs.replace(settings.server, host=host, port=port)
        )
        try:
            tables = _with_engines(settings.catalogue, self.engines)
            catalogue = load(tables)
            tariff = tariff_module.load(settings.tariff, catalogue)
            if self._tariff is not None:
                guard.check(self._tariff, tariff, datetime.now(UTC))
            directory = settings.config.parent if settings.config else Path.cwd()
            loaded = webhooks.load(settings, directory)
        except ConfigurationError as error:
            raise settings_module.located(error, settings) from None
        running = {
            engine.provider_id: (engine.base_url, engine.api_key) for engine in self.engines if engine.is_running
        }
        registry = Registry(catalogue, settings.environ, directory, running)
        http = self._http_of(settings.upstream)
        self._generation += 1
        self._tariff = tariff
        self._formatter.secrets = (*registry.secrets, *loaded.secrets)
        return Configuration(
            settings=settings,
            catalogue=catalogue,
            tariff=tariff,
            registry=registry,
            http=http,
            webhooks=loaded,
            generation=self._generation,
        )

    def _http_of(self, settings: settings_module.Upstream) -> Http:
        """The connections to providers, which are kept as long as their settings are the same."""
        if self._http is None or self._http[0] != settings:
            if self._http is not None:
                self._http[1].close()  # exchanges under way still read from it
            self._http = (settings, Http(settings))
        return self._http[1]


def _engines(settings: Settings) -> list[LocalEngine]:
    local = settings.local
    return [
        LocalEngine(Path(path), context_tokens=local.context_tokens, parallel=local.parallel, threads=local.threads)
        for path in local.models
    ]


def _with_engines(tables: Mapping[str, Any], engines: list[LocalEngine]) -> dict[str, Any]:
    """The operator's tables with a provider and a model for each engine that has loaded."""
    models, providers = [*tables.get("models", [])], {**tables.get("providers", {})}
    for engine in filter(lambda engine: engine.is_running, engines):
        models += engine.tables["models"]
        providers |= engine.tables["providers"]
    return {**tables, "models": models, "providers": providers}


async def _start(engine: LocalEngine, hub: Hub, configurator: _Configurator) -> None:
    hub.loading.add(engine.model_id)
    try:
        await engine.start()
        hub.configuration = configurator.configure(hub.configuration.settings)
        log.info("%s is loaded", engine.model_id)
    except ConfigurationError as error:
        hub.unloadable[engine.model_id] = error.message
        log.error("%s", error.message)
    finally:
        hub.loading.discard(engine.model_id)


async def _follow_settings(hub: Hub, configurator: _Configurator, read: Reread) -> None:
    """Reload on SIGHUP and when the settings file has changed and come to rest."""
    asked = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, asked.set)
    path = hub.configuration.settings.config
    loaded = seen = _stamp(path)
    while True:
        await asyncio.sleep(CONFIG_POLL_S)
        before, seen = seen, _stamp(path)
        if asked.is_set() or (seen == before and seen != loaded):
            asked.clear()
            loaded = seen
            _reload(hub, configurator, read)


def _reload(hub: Hub, configurator: _Configurator, read: Reread) -> None:
    try:
        settings, last = read(), hub.configuration.settings
        if last.config is not None and settings.config != last.config:
            raise ConfigurationError(f"there is no settings file {last.config} any more")
        if settings.config is not None and not settings.config.read_text("utf-8").strip():
            raise ConfigurationError(f"{settings.config} is empty")
        hub.configuration = configurator.configure(settings)
        hub.reload_error = None
        log.info("settings reloaded (generation %d)", hub.configuration.generation)
    except (ConfigurationError, OSError) as error:
        hub.reload_error = str(error)
        log.error("settings not reloaded, the last good ones stay in force: %s", error)


def _stamp(path: Path | None) -> tuple[int, int, int] | None:
    try:
        status = path.stat() if path else None
    except OSError:
        return None
    return (status.st_mtime_ns, status.st_size, status.st_ino) if status else None


# Surroundings -------------------------------------------------------------------------------------


def _bind(server: settings_module.Server) -> socket.socket:
    """A socket at the address asked for. Raises ConfigurationError where it is not to be had."""
    listening = socket.socket(socket.AF_INET6 if ":" in server.host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((server.host, server.port))
        listening.listen(BACKLOG)
    except OSError as error:
        listening.close()
        reason = error.strerror or error
        raise ConfigurationError(f"cannot listen on {server.host}:{server.port}: {reason}") from None
    return listening


def _raise_open_files() -> None:
    """Open as many files as this process may: the 1,024 that a shell allows by itself are 500 calls at a time."""
    import resource  # there is none on Windows

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = MOST_OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_OPEN_FILES)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def _log_to_stderr(settings: Settings) -> Formatter:
    formatter = Formatter(as_json=settings.log.format == "json")
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log.level.upper())
    return formatter
