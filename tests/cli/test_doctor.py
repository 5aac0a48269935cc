"""`entrepot doctor`: what is configured, what can be called, what is unsafe."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.cli.conftest import Entrepot

from entrepot.settings import SETTINGS


def configure(text: str) -> None:
    Path("entrepot.toml").write_text(text)


def test_a_fresh_home_is_safe(entrepot: Entrepot) -> None:
    outcome = entrepot("doctor")
    assert outcome.code == 0
    assert "Nothing unsafe was found." in outcome.out
    assert "(not made yet)" in outcome.out


def test_the_report_holds_settings_with_their_origins_and_providers(
    entrepot: Entrepot, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure("[server]\nport = 9000\n")
    monkeypatch.setenv("ENTREPOT_LOG_LEVEL", "debug")
    monkeypatch.setenv("GROQ_API_KEY", "sk-secret-1")
    outcome = entrepot("doctor", "--json")
    report = outcome.json
    rows = {row["setting"]: (row["value"], row["from"]) for row in report["settings"]}
    assert set(rows) == {row.key for row in SETTINGS}
    assert rows["server.port"] == (9000, report["config"])
    assert rows["log.level"] == ("debug", "ENTREPOT_LOG_LEVEL")
    assert rows["server.host"] == ("127.0.0.1", "default")
    statuses = {row["provider"]: row["status"] for row in report["providers"]}
    assert (statuses["groq"], statuses["openai"]) == ("ready", "set OPENAI_API_KEY")
    assert 0 < report["callable_models"] < report["models"]
    assert report["warnings"] == []
    assert "sk-secret-1" not in outcome.out + entrepot("doctor").out


LAB = '[providers.lab]\nbase_url = "{url}"\napi_key_env = "LAB_KEY"\n'


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        ("[server]\nhost = '0.0.0.0'\n", "listens on 0.0.0.0 without TLS"),
        ("[server]\nhost = '::'\n", "listens on :: without TLS"),
        ("[server]\nhost = 'hub.test'\n", "listens on hub.test without TLS"),
        ("[server]\ncors_origins = ['https://a.test', '*']\n", "any web page may call the API"),
        (LAB.format(url="http://lab.test/v1"), "the key of lab goes over the network unencrypted"),
    ],
)
def test_what_is_unsafe_is_said_and_is_1(entrepot: Entrepot, text: str, warning: str) -> None:
    configure(text)
    outcome = entrepot("doctor")
    assert outcome.code == 1
    assert warning in outcome.out
    (found,) = entrepot("doctor", "--json").json["warnings"]
    assert warning in found


@pytest.mark.parametrize(
    "text",
    [
        "[server]\nhost = '127.0.0.2'\n",
        "[server]\nhost = '::1'\n",
        "[server]\nhost = 'localhost'\n",
        LAB.format(url="https://lab.test/v1"),
        LAB.format(url="http://127.0.0.1:8000/v1"),
        LAB.format(url="http://[::1]:8000/v1"),
    ],
)
def test_what_stays_on_the_machine_is_safe(entrepot: Entrepot, text: str) -> None:
    configure(text)
    assert entrepot("doctor").code == 0


@pytest.mark.parametrize(("mode", "code"), [(0o600, 0), (0o640, 1), (0o604, 1)])
def test_files_with_secrets_are_for_their_owner(entrepot: Entrepot, tmp_path: Path, mode: int, code: int) -> None:
    configure("[providers.lab]\nbase_url = 'https://lab.test/v1'\napi_key_file = 'lab.key'\n")
    Path("lab.key").write_text("sk-secret-1")
    os.chmod("lab.key", mode)
    assert entrepot("doctor").code == code
    os.chmod("lab.key", 0o600)
    entrepot("keys", "list")
    os.chmod(tmp_path / "home" / "pepper", mode)
    assert entrepot("doctor").code == code


@pytest.mark.parametrize("text", ["[oops\n", "[providers.lab]\nauth = 'x'\n", "[[models]]\nname = 'x'\n"])
def test_what_would_stop_the_start_is_2(entrepot: Entrepot, text: str) -> None:
    configure(text)
    outcome = entrepot("doctor")
    assert (outcome.code, outcome.out) == (2, "")
    assert "entrepot.toml" in outcome.err
