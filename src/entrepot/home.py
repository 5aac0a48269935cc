"""The hub's home folder: its store, its pepper, its lock, and what the first run puts there."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path
from typing import IO

import msgspec

from entrepot.accounts import Member, Organisation
from entrepot.accounts.audit import AuditEntry
from entrepot.errors import ConfigurationError
from entrepot.keys import Key, KeySpec, Mode, issue, key_object, new_id, pepper
from entrepot.settings import Durability
from entrepot.store import Store, audit, keys
from entrepot.store.queries import Run

FIRST_KEYS: tuple[Mode, ...] = ("live", "test")


class Home(msgspec.Struct, frozen=True, kw_only=True):
    """An open home. `owner` is the first of the house's owners: to begin with the one that the first run made."""

    path: Path
    store: Store
    pepper: bytes
    owner: Member


def open_home(path: Path, durability: Durability = "power-cut") -> Home:
    """Open the home at `path`, making it when it is new. Raises ConfigurationError when it cannot be used."""
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        secret = pepper(path)
    except OSError as error:
        raise ConfigurationError(f"the home {path} cannot be used: {error}") from error
    store = Store(path / "entrepot.db", durability)
    return Home(path=path, store=store, pepper=secret, owner=store.owner() or _found(store))


def lock(path: Path) -> IO[bytes]:
    """Hold the home for one server. Keep the result; raises ConfigurationError when another server has it."""
    file = (path / "lock").open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise ConfigurationError(f"another hub is running on the home {path}") from None
    return file


def first_keys(home: Home) -> dict[Mode, str]:
    """One live and one test key for a home that has none; their tokens, or nothing when it has some."""
    if home.store.all_keys():
        return {}
    tokens: dict[Mode, str] = {}
    now_ms, organisation_id = time.time_ns() // 1_000_000, home.owner.organisation_id

    def work(run: Run) -> None:
        for mode in FIRST_KEYS:
            spec = KeySpec(name=f"first {mode} key", mode=mode)
            key, tokens[mode] = issue(spec, organisation_id, home.pepper, now_ms=now_ms, random=os.urandom)
            keys.insert(run, key)
            audit.append(run, _made(key))

    home.store.write(work).result()
    return tokens


def _made(key: Key) -> AuditEntry:
    return AuditEntry(
        at_ms=key.created_at_ms,
        organisation_id=key.organisation_id,
        actor="operator",
        action="key.create",
        subject=f"key:{key.id}",
        after=key_object(key),
    )


def _found(store: Store) -> Member:
    now_ms = time.time_ns() // 1_000_000
    organisation = Organisation(id=f"org_{new_id(os.urandom)}", name="Default", created_at_ms=now_ms, house=True)
    owner = Member(
        id=f"mem_{new_id(os.urandom)}",
        organisation_id=organisation.id,
        name="Owner",
        role="owner",
        created_at_ms=now_ms,
    )
    store.found(organisation, owner, [])
    return owner
