"""What every exchange shares: the configuration in force, keys, store, health, and who is being served."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

import msgspec

from entrepot.catalog import Catalogue
from entrepot.errors import StoreUnavailable
from entrepot.health import Health
from entrepot.keys import KeyRing
from entrepot.providers.http import Http
from entrepot.providers.registry import Registry
from entrepot.settings import Settings
from entrepot.store import Store

log = logging.getLogger(__name__)

KEYS_POLL_S = 0.3


class Configuration(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a reload replaces, as one value: an exchange keeps the one it began with."""

    settings: Settings
    catalogue: Catalogue
    registry: Registry
    http: Http
    generation: int = 1


class Hub:
    """The running hub. `active` holds the tasks of exchanges under way."""

    def __init__(self, configuration: Configuration, store: Store, pepper: bytes) -> None:
        self.configuration = configuration
        self.store = store
        self.health = Health(time.monotonic)
        self.active: set[asyncio.Task[Any]] = set()
        self.retries = 0
        self.draining = False
        self.reload_error: str | None = None
        self.loading: set[str] = set()  # models of the local engine that do not answer yet
        self.unloadable: dict[str, str] = {}  # those that never will, and why
        self.pepper = pepper
        self._keys_generation = -1
        self.keys = KeyRing((), pepper)
        self.refresh_keys()

    def refresh_keys(self) -> None:
        """Take over the store's keys when any process has changed them."""
        generation = self.store.keys_generation()
        if generation != self._keys_generation:
            self.keys = KeyRing(self.store.all_keys(), self.pepper)
            self._keys_generation = generation

    async def follow_keys(self) -> None:
        """Keep the keys current; a change is in force within KEYS_POLL_S."""
        while True:
            await asyncio.sleep(KEYS_POLL_S)
            try:
                await asyncio.to_thread(self.refresh_keys)
            except StoreUnavailable as error:  # it may come back; the keys in memory stay valid
                log.error("keys cannot be read from the store: %s", error)

    async def drain(self, seconds: float) -> None:
        """Take no new exchange; give running ones `seconds`, then end them and wait until they have."""
        self.draining = True
        if self.active:
            await asyncio.wait(self.active, timeout=seconds)
        for task in self.active:
            task.cancel()
        if self.active:
            await asyncio.wait(self.active, timeout=5)
