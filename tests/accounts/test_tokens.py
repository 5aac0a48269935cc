"""Tokens of sessions and links: random, and nothing to any purpose but their own."""

from __future__ import annotations

import hmac
import itertools
import os
import re
from typing import get_args

import pytest

from entrepot import keys
from entrepot.accounts import tokens
from entrepot.accounts.tokens import Purpose

PEPPER = bytes(range(32))
PURPOSES: tuple[Purpose, ...] = get_args(Purpose)


def test_a_token_says_what_it_is_for_and_holds_256_bits() -> None:
    made = {tokens.mint("session", os.urandom) for _ in range(100)}
    assert len(made) == 100
    assert all(re.fullmatch(r"ep-session-[0-9A-Za-z]{43}", token) for token in made)
    assert 62**43 > 2**256


@pytest.mark.parametrize(("one", "other"), list(itertools.permutations(PURPOSES, 2)))
def test_a_token_of_one_purpose_is_none_of_another(one: Purpose, other: Purpose) -> None:
    token = tokens.mint(one, os.urandom)
    assert tokens.digest(token, one, PEPPER) != tokens.digest(token, other, PEPPER)


@pytest.mark.parametrize("purpose", PURPOSES)
def test_no_token_hashes_as_a_key_does(purpose: Purpose) -> None:
    token = keys.mint("live", "0" * 12, os.urandom)
    assert tokens.digest(token, purpose, PEPPER) != keys.digest(token, PEPPER)


def test_another_pepper_is_another_hash() -> None:
    assert tokens.digest("t", "session", PEPPER) != tokens.digest("t", "session", bytes(32))


def test_the_derivation_is_that_of_rfc_5869() -> None:
    """By hand: extract with an empty salt (32 zero bytes), expand to one block with the purpose as info."""
    extracted = hmac.digest(b"\0" * 32, PEPPER, "sha256")
    secret = hmac.digest(extracted, b"entrepot session\x01", "sha256")
    assert tokens.digest("t", "session", PEPPER) == hmac.digest(secret, b"t", "sha256")
