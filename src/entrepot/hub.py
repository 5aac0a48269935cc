"""What every exchange shares: the configuration in force, keys, store, health, and who is being served."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

import msgspec

from entrepot.accounts.lockout import Lockout
from entrepot.books import Books
from entrepot.catalog import Catalogue
from entrepot.errors import StoreUnavailable
from entrepot.health import Health
from entrepot.keys import KeyRing
from entrepot.providers.http import Http
from entrepot.providers.registry import Registry
from entrepot.settings import Settings
from entrepot.store import Store
from entrepot.tariff import Tariff
from entrepot.webhooks import Webhooks

log = logging.getLogger(__name__)

KEYS_POLL_S = 0.3
HASHES_AT_ONCE = 2  # of passwords: each takes 64 MiB and a processor for a while


class Configuration(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a reload replaces, as one value: an exchange keeps the one it began with."""

    settings: Settings
    catalogue: Catalogue
    tariff: Tariff
    registry: Registry
    http: Http
    webhooks: Webhooks = Webhooks()
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
        self.lockout = Lockout(time.monotonic)
        self.hashing = asyncio.Semaphore(HASHES_AT_ONCE)
        self.provider_tests: dict[str, float] = {}  # when each was tested last
        self._keys_generation = -1
        self.keys = KeyRing((), pepper)
        self.books = Books(store)
        self.refresh_keys()

    def refresh_keys(self) -> None:
        """Take over the store's keys when any process has changed them."""
        self._take_keys(*self._read_keys())

    def _read_keys(self) -> tuple[int, KeyRing]:
        generation = self.store.keys_generation()
        unchanged = generation == self._keys_generation
        return generation, self.keys if unchanged else KeyRing(self.store.all_keys(), self.pepper)

    def _take_keys(self, generation: int, ring: KeyRing) -> None:
        if generation > self._keys_generation:  # else somebody else has been faster
            self.keys, self._keys_generation = ring, generation

    async def refresh_books(self) -> None:
        """Take over the store's rules and wallets when any process has changed them. Raises StoreUnavailable."""
        if await asyncio.to_thread(self.books.has_changed):
            self.books.refresh()

    async def follow_keys(self) -> None:
        """Keep keys, rules and wallets current; a change is in force within KEYS_POLL_S."""
        while True:
            await asyncio.sleep(KEYS_POLL_S)
            try:
                # No key is taken over before the rule that was written with it.
                read = await asyncio.to_thread(self._read_keys)
                await self.refresh_books()
                self._take_keys(*read)
            except StoreUnavailable as error:  # it may come back; what is in memory stays valid
                log.error("keys and rules cannot be read from the store: %s", error)

    async def drain(self, seconds: float) -> None:
        """Take no new exchange; give running ones `seconds`, then end them and wait until they have."""
        self.draining = True
        if self.active:
            await asyncio.wait(self.active, timeout=seconds)
        for task in self.active:
            task.cancel()
        if self.active:
            await asyncio.wait(self.active, timeout=5)
