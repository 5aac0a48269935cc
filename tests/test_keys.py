"""Keys: their format, who may call with one, and that nothing shows a secret."""

from __future__ import annotations

import hmac
import os
import re
import stat
import string
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot import keys
from entrepot.errors import ConfigurationError, Forbidden, Unauthenticated
from entrepot.keys import Key, KeyPatch, KeyRing, KeySpec, Mode, digest, issue, key_object, mint, patched, rotate

PEPPER = bytes(range(32))
NOW_MS = 1_790_000_000_000
ID = "0123456789Ab"


def make(**fields: Any) -> tuple[Key, str]:
    spec = {name: fields.pop(name) for name in list(fields) if name in KeySpec.__struct_fields__}
    key, token = issue(KeySpec(**{"name": "a key"} | spec), "org_1", PEPPER, now_ms=NOW_MS, random=os.urandom)
    return msgspec.structs.replace(key, **fields), token


# Format -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["live", "test"])
def test_a_minted_token_tells_its_mode_and_id(mode: Mode) -> None:
    token = mint(mode, ID, os.urandom)
    assert re.fullmatch(f"ep-{mode}-{ID}-[0-9A-Za-z]{{38}}", token)


def test_a_token_ends_with_a_checksum_that_scanners_can_read() -> None:
    """Base 62 of the CRC-32 of all before it, six digits."""
    token = mint("live", ID, os.urandom)
    digits = string.digits + string.ascii_uppercase + string.ascii_lowercase
    value = 0
    for digit in token[-6:]:
        value = value * 62 + digits.index(digit)
    assert value == zlib.crc32(token[:-6].encode())


KEY, TOKEN = issue(KeySpec(name="a key"), "org_1", PEPPER, now_ms=NOW_MS, random=lambda count: bytes(range(count)))


@pytest.mark.parametrize("place", range(len(TOKEN)))
def test_any_one_mistyped_character_is_refused(place: int) -> None:
    other = "a" if TOKEN[place] != "a" else "b"
    with pytest.raises(Unauthenticated):
        KeyRing([KEY], PEPPER).authenticate(TOKEN[:place] + other + TOKEN[place + 1 :], NOW_MS)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "---",
        "sk-123",
        TOKEN[:-1],
        TOKEN + "0",
        f" {TOKEN}",
        TOKEN.replace("-", "_"),
        "é" * 60,
        "\0",
        "ep-live-x-" * 99,
    ],
)
def test_anything_else_is_no_token(text: str) -> None:
    with pytest.raises(Unauthenticated):
        KeyRing([KEY], PEPPER).authenticate(text, NOW_MS)


@given(st.text(max_size=80))
def test_any_text_is_refused_and_never_fails(text: str) -> None:
    with pytest.raises(Unauthenticated):
        KeyRing((), PEPPER).authenticate(text, NOW_MS)


def test_secrets_use_random_bytes_without_bias() -> None:
    """Bytes from 248 up would favour the first letters, so they are passed over."""
    source: Iterator[int] = cycle([255, 248, 247, 0, 61])
    token = mint("live", ID, lambda count: bytes(next(source) for _ in range(count)))
    assert set(token.split("-")[3][:32]) == {keys._ALPHABET[247 % 62], keys._ALPHABET[0], keys._ALPHABET[61]}


def test_two_tokens_of_one_key_differ() -> None:
    assert mint("live", ID, os.urandom) != mint("live", ID, os.urandom)


def test_a_digest_depends_on_token_and_pepper() -> None:
    made = {digest(TOKEN, PEPPER), digest(TOKEN + "0", PEPPER), digest(TOKEN, PEPPER[::-1])}
    assert len(made) == 3
    assert TOKEN.encode() not in b"".join(made)


# Authentication -----------------------------------------------------------------------------------


def refused(ring: KeyRing, token: str, now_ms: int = NOW_MS) -> str:
    with pytest.raises(Unauthenticated) as caught:
        ring.authenticate(token, now_ms)
    return caught.value.code


def test_the_right_token_finds_its_key() -> None:
    (one, token_one), (two, token_two) = make(), make()
    ring = KeyRing([one, two], PEPPER)
    assert ring.authenticate(token_one, NOW_MS) == one
    assert ring.authenticate(token_two, NOW_MS) == two


def test_codes_tell_why_a_token_is_refused() -> None:
    known, token = make()
    wrong_secret = mint(known.mode, known.id, os.urandom)
    other_mode = mint("live", known.id, os.urandom)
    unknown = mint("test", ID, os.urandom)
    ring = KeyRing([known], PEPPER)
    for bad in (wrong_secret, other_mode, unknown, token[:-1], "sk-1", token.upper()):
        assert refused(ring, bad) == "invalid_api_key"
    assert refused(KeyRing([known], bytes(32)), token) == "invalid_api_key"
    assert refused(KeyRing([msgspec.structs.replace(known, disabled=True)], PEPPER), token) == "key_disabled"


def test_only_the_holder_of_the_secret_learns_of_a_keys_state() -> None:
    known, _ = make(disabled=True)
    assert refused(KeyRing([known], PEPPER), mint("test", known.id, os.urandom)) == "invalid_api_key"


def test_a_key_expires_at_its_time() -> None:
    known, token = make(expires_at=datetime.fromtimestamp(NOW_MS / 1000, UTC))
    ring = KeyRing([known], PEPPER)
    assert ring.authenticate(token, NOW_MS - 1) == known
    assert refused(ring, token, NOW_MS) == "key_expired"


@pytest.mark.parametrize(("grace_s", "after_ms", "works"), [(0, 0, False), (10, 9_999, True), (10, 10_000, False)])
def test_an_old_token_works_for_its_grace_and_no_longer(grace_s: int, after_ms: int, works: bool) -> None:
    known, old = make()
    rotated, new = rotate(known, PEPPER, now_ms=NOW_MS, grace_s=grace_s, random=os.urandom)
    ring = KeyRing([rotated], PEPPER)
    assert rotated.id == known.id
    assert ring.authenticate(new, NOW_MS + after_ms) == rotated
    if works:
        assert ring.authenticate(old, NOW_MS + after_ms) == rotated
    else:
        assert refused(ring, old, NOW_MS + after_ms) == "invalid_api_key"


def test_only_the_last_old_token_has_grace() -> None:
    known, first = make()
    second_key, second = rotate(known, PEPPER, now_ms=NOW_MS, grace_s=60, random=os.urandom)
    third_key, third = rotate(second_key, PEPPER, now_ms=NOW_MS, grace_s=60, random=os.urandom)
    ring = KeyRing([third_key], PEPPER)
    assert ring.authenticate(second, NOW_MS) == ring.authenticate(third, NOW_MS)
    assert refused(ring, first) == "invalid_api_key"


def test_an_unknown_id_costs_the_same_comparison_as_a_wrong_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[int, int]] = []

    def compare(one: bytes, other: bytes) -> bool:
        compared.append((len(one), len(other)))
        return one == other

    monkeypatch.setattr(hmac, "compare_digest", compare)
    known, _ = make()
    for token in (mint("test", known.id, os.urandom), mint("test", ID, os.urandom)):
        refused(KeyRing([known], PEPPER), token)
    assert compared == [(32, 32), (32, 32)]


def test_scopes_are_required_by_name() -> None:
    known, _ = make(scopes=("usage",))
    known.require("usage")
    with pytest.raises(Forbidden) as caught:
        known.require("management")
    assert (caught.value.status, caught.value.code) == (403, "scope_missing")


# Making and changing ------------------------------------------------------------------------------


def test_issue_takes_over_the_specification() -> None:
    expires = datetime(2027, 1, 1, tzinfo=UTC)
    known, token = make(
        name="ci", mode="live", scopes=("usage", "usage", "inference"), models=("gpt-4.1",), expires_at=expires
    )
    assert (known.name, known.mode, known.models) == ("ci", "live", ("gpt-4.1",))
    assert known.scopes == ("usage", "inference")
    assert (known.organisation_id, known.created_at_ms) == ("org_1", NOW_MS)
    assert known.expires_at_ms == round(expires.timestamp() * 1000)
    assert token.startswith(f"ep-live-{known.id}-")


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"name": ""},
        {"name": "x" * 201},
        {"name": "a", "mode": "both"},
        {"name": "a", "scopes": ["root"]},
        {"name": "a", "expires_at": "2027-01-01T00:00:00"},
        {"name": "a", "digest": "x"},
        {"name": "a", "models": "gpt-4.1"},
    ],
)
def test_a_bad_specification_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(fields, KeySpec)


PATCHES: list[tuple[str, dict[str, Any]]] = [
    ("{}", {}),
    ('{"name": "other"}', {"name": "other"}),
    ('{"disabled": true}', {"disabled": True}),
    ('{"scopes": ["usage"]}', {"scopes": ("usage",)}),
    ('{"models": ["gpt-4.1"]}', {"models": ("gpt-4.1",)}),
    ('{"models": null}', {"models": None}),
    ('{"expires_at": "2027-01-01T00:00:00Z"}', {"expires_at_ms": 1_798_761_600_000}),
    ('{"expires_at": null}', {"expires_at_ms": None}),
]


@pytest.mark.parametrize(("patch", "changed"), PATCHES)
def test_a_patch_changes_what_it_names_and_nothing_else(patch: str, changed: dict[str, Any]) -> None:
    known, _ = make(models=("gpt-4.1-mini",), expires_at_ms=NOW_MS)
    found = patched(known, msgspec.json.decode(patch, type=KeyPatch))
    assert found == msgspec.structs.replace(known, **changed)


# Secrets ------------------------------------------------------------------------------------------


def test_a_key_as_shown_holds_no_secret() -> None:
    known, token = make(expires_at=datetime(2027, 1, 1, tzinfo=UTC))
    known, _ = rotate(known, PEPPER, now_ms=NOW_MS, grace_s=60, random=os.urandom)
    shown = key_object(known)
    assert shown == {
        "id": known.id,
        "object": "key",
        "prefix": f"ep-test-{known.id}",
        "name": "a key",
        "mode": "test",
        "scopes": ("inference", "usage"),
        "models": None,
        "member_id": None,
        "project": None,
        "parent_id": None,
        "disabled": False,
        "created_at": "2026-09-21T14:13:20Z",
        "expires_at": "2027-01-01T00:00:00Z",
    }
    assert token not in str(shown)


def test_no_repr_shows_a_token_or_the_pepper() -> None:
    known, token = make()
    ring = KeyRing([known], PEPPER)
    for shown in (repr(known), repr(ring), str(ring)):
        assert token not in shown
        assert token.split("-")[3][:32] not in shown
        assert repr(PEPPER) not in shown


# The pepper ---------------------------------------------------------------------------------------


def test_the_pepper_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    os.umask(os.umask(0))
    made = keys.pepper(tmp_path)
    assert len(made) == 32
    assert keys.pepper(tmp_path) == made
    assert stat.S_IMODE((tmp_path / "pepper").stat().st_mode) == 0o600


def test_another_homes_pepper_is_another(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    assert keys.pepper(tmp_path) != keys.pepper(tmp_path / "other")


@pytest.mark.parametrize("content", [b"", b"short", bytes(33)])
def test_a_damaged_pepper_is_refused_instead_of_replaced(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "pepper").write_bytes(content)
    with pytest.raises(ConfigurationError, match="damaged"):
        keys.pepper(tmp_path)
    assert (tmp_path / "pepper").read_bytes() == content
