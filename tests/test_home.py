"""A home folder: what the first run makes, what later runs find, who may hold it."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from entrepot.errors import ConfigurationError
from entrepot.home import Home, first_keys, lock, open_home
from entrepot.keys import KeyRing
from entrepot.store import audit

Open = Callable[[Path], Home]


@pytest.fixture
def opened() -> Iterator[Open]:
    homes: list[Home] = []

    def open_one(path: Path) -> Home:
        homes.append(open_home(path))
        return homes[-1]

    yield open_one
    for home in homes:
        home.store.close()


def test_a_new_home_is_private_and_has_an_owner(tmp_path: Path, opened: Open) -> None:
    home = opened(tmp_path / "deep" / "home")
    assert stat.S_IMODE(home.path.stat().st_mode) == 0o700
    assert home.owner.role == "owner"
    assert home.owner.organisation_id.startswith("org_")
    assert home.store.owner() == home.owner


def test_a_home_is_the_same_when_opened_again(tmp_path: Path, opened: Open) -> None:
    first, again = opened(tmp_path), opened(tmp_path)
    assert (again.owner, again.pepper) == (first.owner, first.pepper)


def test_the_first_keys_are_made_once(tmp_path: Path, opened: Open) -> None:
    home = opened(tmp_path)
    tokens = first_keys(home)
    assert set(tokens) == {"live", "test"}
    ring = KeyRing(home.store.all_keys(), home.pepper)
    for mode, token in tokens.items():
        key = ring.authenticate(token, 0)
        assert (key.mode, key.organisation_id, key.scopes) == (mode, home.owner.organisation_id, ("inference", "usage"))
    assert first_keys(home) == {}
    logged = audit.entries(home.store.read, home.owner.organisation_id, audit.Filter())
    assert {(entry.actor, entry.action, entry.subject) for entry in logged} == {
        ("operator", "key.create", f"key:{key.id}") for key in home.store.all_keys()
    }


def test_no_token_lies_in_the_home(tmp_path: Path, opened: Open) -> None:
    home = opened(tmp_path)
    tokens = first_keys(home)
    home.store.close()
    content = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert content
    for token in tokens.values():
        assert token.split("-")[3].encode() not in content


def test_one_server_holds_a_home(tmp_path: Path) -> None:
    held = lock(tmp_path)
    with pytest.raises(ConfigurationError, match="another hub is running"):
        lock(tmp_path)
    held.close()
    lock(tmp_path).close()


def test_a_home_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="cannot be used"):
        open_home(tmp_path / "file")
    with pytest.raises(ConfigurationError, match="cannot be used"):
        open_home(tmp_path / "file" / "below")


def test_a_damaged_store_is_refused(tmp_path: Path) -> None:
    (tmp_path / "entrepot.db").write_bytes(os.urandom(8192))
    with pytest.raises(ConfigurationError, match="cannot be opened"):
        open_home(tmp_path)
