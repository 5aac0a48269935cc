"""`entrepot serve`: what it tells when the hub answers."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from entrepot.cli import serve
from entrepot.settings import Server, Settings

TOKENS = {"live": "ep-live-x", "test": "ep-test-x"}


def said(capsys: pytest.CaptureFixture[str], tokens: dict[str, str], server: Server, welcome: str = "") -> str:
    serve.announce(Settings(home=Path("/somewhere"), server=server), tokens, welcome)  # type: ignore[arg-type]
    return capsys.readouterr().out


def test_the_first_run_shows_the_keys_and_a_call_to_try(capsys: pytest.CaptureFixture[str]) -> None:
    out = said(capsys, TOKENS, Server(port=9000))
    assert out.startswith("Entrepôt is listening on http://127.0.0.1:9000\n")
    assert "ep-live-x" in out
    (line,) = [line for line in out.splitlines() if line.startswith("curl ")]
    words = shlex.split(line)
    assert words[1] == "http://127.0.0.1:9000/v1/chat/completions"
    assert "Authorization: Bearer ep-test-x" in words


def test_the_first_run_shows_the_owners_link_last(capsys: pytest.CaptureFixture[str]) -> None:
    out = said(capsys, TOKENS, Server(public_url="https://hub.test"), "ep-welcome-x")
    assert out.endswith("\n  https://hub.test/welcome#ep-welcome-x\n\n")


def test_without_a_link_none_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert "welcome" not in said(capsys, TOKENS, Server())


def test_later_runs_show_no_key(capsys: pytest.CaptureFixture[str]) -> None:
    out = said(capsys, {}, Server())
    assert "ep-" not in out
    assert "/somewhere" in out


def test_clients_are_told_the_public_url(capsys: pytest.CaptureFixture[str]) -> None:
    out = said(capsys, TOKENS, Server(public_url="https://hub.test/"))
    assert "curl https://hub.test/v1/chat/completions" in out
