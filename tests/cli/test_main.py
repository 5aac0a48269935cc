"""The command as a whole: its subcommands, and which failure has which exit code."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.conftest import Entrepot

from entrepot import errors
from entrepot.cli import models

COMMANDS = ["serve", "chat", "models", "keys", "members", "organisations", "audit", "usage", "doctor"]


def test_help_names_every_command(entrepot: Entrepot) -> None:
    outcome = entrepot("--help")
    assert outcome.code == 0
    for command in COMMANDS:
        assert command in outcome.out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(entrepot: Entrepot, command: str) -> None:
    assert entrepot(command, "--help").code == 0


@pytest.mark.parametrize(
    "arguments", [["no-such"], ["models", "--no-such"], ["usage", "--days", "0"], ["keys", "no-such"]]
)
def test_wrong_usage_is_2(entrepot: Entrepot, arguments: list[str]) -> None:
    outcome = entrepot(*arguments)
    assert (outcome.code, outcome.out) == (2, "")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.ConfigurationError("bad settings"), 2),
        (errors.InvalidRequest("bad settings"), 2),
        (errors.Unauthenticated("bad settings"), 4),
        (errors.Forbidden("bad settings"), 4),
        (errors.NotFound("bad settings"), 3),
        (errors.UpstreamError("bad settings"), 1),
        (errors.StoreUnavailable("bad settings"), 1),
    ],
)
def test_failures_have_their_codes_and_no_traceback(
    entrepot: Entrepot, monkeypatch: pytest.MonkeyPatch, error: Exception, code: int
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(models, "load", fail)
    assert entrepot("models") == (code, "", "entrepot: bad settings\n")


def test_wrong_settings_are_2_and_say_where(entrepot: Entrepot) -> None:
    Path("entrepot.toml").write_text("[server]\nprot = 1\n")
    outcome = entrepot("models")
    assert (outcome.code, outcome.out) == (2, "")
    assert "entrepot.toml:2: [server] has no setting 'prot'; did you mean 'port'?" in outcome.err


def test_the_installed_command_is_this_one() -> None:
    command = Path(sys.executable).with_name("entrepot")
    outcome = subprocess.run([command, "--help"], capture_output=True, text=True, check=True, timeout=20)
    assert "Usage: entrepot" in outcome.stdout
