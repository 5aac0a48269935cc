"""Upstream credentials: where they come from, which header carries them, and that no repr shows them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from entrepot.catalog import Provider
from entrepot.providers.auth import NONE_NEEDED, Credential, credential, headers

SECRET = "sk-secret-1"


def provider(**fields: Any) -> Provider:
    return Provider(id="lab", base_url="http://127.0.0.1/v1", **fields)


@pytest.mark.parametrize("row", [provider(), provider(auth="none", api_key_env="LAB_KEY")])
def test_a_provider_may_need_no_key(row: Provider, tmp_path: Path) -> None:
    assert credential(row, {"LAB_KEY": SECRET}, tmp_path) is NONE_NEEDED
    assert headers(row, NONE_NEEDED) == []


@pytest.mark.parametrize("text", [SECRET, f"  {SECRET}\n"])
def test_the_key_comes_from_its_variable_or_file(text: str, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(text)
    assert credential(provider(api_key_env="LAB_KEY"), {"LAB_KEY": text}, tmp_path).key == SECRET
    assert credential(provider(api_key_file="key"), {}, tmp_path).key == SECRET
    assert credential(provider(api_key_file=str(tmp_path / "key")), {}, Path("/")).key == SECRET


def test_a_file_in_the_users_home_can_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "key").write_text(SECRET)
    assert credential(provider(api_key_file="~/key"), {}, Path("/")).key == SECRET


@pytest.mark.parametrize("text", ["", "  \n", "two\nlines", "sk-é", "sk-\x00", "sk-\x7f"])
def test_a_key_that_no_header_can_carry_is_missing(text: str, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(text)
    by_variable = credential(provider(api_key_env="LAB_KEY"), {"LAB_KEY": text}, tmp_path)
    by_file = credential(provider(api_key_file="key"), {}, tmp_path)
    assert by_variable == Credential(missing="set LAB_KEY")
    assert by_file == Credential(missing=f"the file {tmp_path / 'key'} holds no usable key")


def test_what_is_missing_says_what_to_do(tmp_path: Path) -> None:
    assert credential(provider(api_key_env="LAB_KEY"), {}, tmp_path).missing == "set LAB_KEY"
    gone = credential(provider(api_key_file="key"), {}, tmp_path)
    assert gone.missing == f"the file {tmp_path / 'key'} cannot be read (FileNotFoundError)"
    (tmp_path / "key").write_bytes(b"\xff")
    unreadable = credential(provider(api_key_file="key"), {}, tmp_path)
    assert unreadable.missing == f"the file {tmp_path / 'key'} cannot be read (UnicodeDecodeError)"


@pytest.mark.parametrize(
    ("scheme", "line"),
    [
        ("bearer", ("authorization", f"Bearer {SECRET}")),
        ("x-api-key", ("x-api-key", SECRET)),
        ("api-key", ("api-key", SECRET)),
    ],
)
def test_the_scheme_decides_the_header(scheme: Any, line: tuple[str, str]) -> None:
    row = provider(auth=scheme, headers={"anthropic-version": "2023-06-01"})
    assert headers(row, Credential(key=SECRET)) == [("anthropic-version", "2023-06-01"), line]


def test_no_repr_shows_the_key() -> None:
    assert repr(Credential(key=SECRET)) == "Credential(key=…, missing=None)"
    assert repr(Credential(missing="set LAB_KEY")) == "Credential(key=None, missing='set LAB_KEY')"
