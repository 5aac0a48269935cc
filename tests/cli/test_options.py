"""`serve`'s options, made from the settings table."""

from __future__ import annotations

from typing import Any

import pytest
import typer
from tests.cli.conftest import Entrepot
from typer.testing import CliRunner

from entrepot.cli.options import with_settings
from entrepot.settings import SETTINGS, Setting


def flags(*arguments: str) -> dict[str, Any]:
    """What a command is given when it is called with these arguments."""
    seen: dict[str, Any] = {}
    app = typer.Typer()
    app.command()(with_settings(seen.update))
    outcome = CliRunner().invoke(app, list(arguments))
    assert outcome.exit_code == 0, outcome.output
    return seen


def example(row: Setting) -> str:
    return {"log.level": "debug", "log.format": "json"}.get(row.key, "7" if not isinstance(row.default, str) else "x")


def test_nothing_given_is_nothing_set() -> None:
    seen = flags()
    assert set(seen) == {"home", "config", *(row.key for row in SETTINGS)}
    assert all(value in (None, [], ()) for value in seen.values())


@pytest.mark.parametrize("row", SETTINGS, ids=lambda row: row.key)
def test_every_setting_is_an_option(row: Setting) -> None:
    if row.default is False:
        assert flags(row.flag)[row.key] is True
        return
    text = example(row)
    given = flags(row.flag, text)[row.key]
    assert given == [text] if row.is_list else str(given) in (text, f"{text}.0")


def test_a_list_is_given_by_repeating() -> None:
    assert flags("--cors-origins", "a", "--cors-origins", "b")["server.cors_origins"] == ["a", "b"]


def test_home_and_config_are_options_too() -> None:
    seen = flags("--home", "h", "--config", "c")
    assert (seen["home"], seen["config"]) == ("h", "c")


def test_help_shows_every_setting_with_its_default_and_variable(
    entrepot: Entrepot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "400")
    shown = " ".join(entrepot("serve", "--help").out.split())
    for row in SETTINGS:
        assert row.flag in shown
        assert row.env in shown
        assert row.help in shown
    assert "default 8080; ENTREPOT_PORT" in shown
