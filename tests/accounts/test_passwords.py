"""Passwords as they are stored: salted, slow, and nothing to sign in with."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from entrepot.accounts import passwords
from entrepot.accounts.passwords import hashed, is_outdated, matches


@pytest.fixture
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


def test_the_parameters_are_those_of_rfc_9106() -> None:
    stored = hashed("correct horse")
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert matches("correct horse", stored)
    assert not is_outdated(stored)


@pytest.mark.usefixtures("cheap")
def test_only_the_password_itself_matches() -> None:
    stored = hashed("correct horse")
    assert not any(matches(given, stored) for given in ("", "correct hors", "Correct horse", "correct horse\0", stored))


@pytest.mark.usefixtures("cheap")
def test_the_same_password_is_stored_differently_each_time() -> None:
    assert hashed("correct horse") != hashed("correct horse")


def test_nobody_has_no_password_after_as_much_work(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    class Counting(PasswordHasher):
        def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
            asked.append("hash")
            return super().hash(password, salt=salt)

    monkeypatch.setattr(passwords, "HASHER", Counting(time_cost=1, memory_cost=8, parallelism=1))
    assert not matches("correct horse", None)
    assert asked == ["hash"]


def test_a_hash_with_other_parameters_is_outdated() -> None:
    assert is_outdated(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("correct horse"))
