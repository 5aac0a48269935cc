"""Log lines, and that no secret stands in them."""

from __future__ import annotations

import json
import logging
import sys

import pytest

from entrepot import keys
from entrepot.telemetry import HIDDEN, Formatter, redact

TOKEN = keys.mint("live", "0123456789Ab", lambda count: bytes(range(count)))
INVITATION = "ep-invitation-" + "0Az" * 14 + "9"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"key {TOKEN}.", f"key ep-live-0123456789Ab-{HIDDEN}."),
        (f'{{"k":"{TOKEN}"}}', f'{{"k":"ep-live-0123456789Ab-{HIDDEN}"}}'),
        (f"{TOKEN} {TOKEN}", f"ep-live-0123456789Ab-{HIDDEN} ep-live-0123456789Ab-{HIDDEN}"),
        (f"{INVITATION}.", f"ep-invitation-{HIDDEN}."),
        (f"/welcome#{INVITATION.replace('invitation', 'welcome')}", f"/welcome#ep-welcome-{HIDDEN}"),
        ("ep-live-0123456789Ab", "ep-live-0123456789Ab"),
        ("sk-secret-1 and sk-secret-1", f"{HIDDEN} and {HIDDEN}"),
        ("Bearer sk-secret-12", f"Bearer {HIDDEN}2"),
        ("abc stays: too short to be a secret", "abc stays: too short to be a secret"),
    ],
)
def test_redact_hides_secrets_by_value_and_keys_by_form(text: str, expected: str) -> None:
    assert redact(text, ["sk-secret-1", "abc", ""]) == expected


def record(message: str, *arguments: object, error: BaseException | None = None) -> logging.LogRecord:
    info = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord("entrepot.test", logging.WARNING, __file__, 1, message, arguments, info)


def test_text_lines_are_redacted_with_their_arguments_and_traceback() -> None:
    formatter = Formatter(as_json=False)
    formatter.secrets = ("sk-secret-1",)
    try:
        raise ValueError("sk-secret-1")
    except ValueError:
        line = formatter.format(record("tried %s", TOKEN, error=sys.exception()))
    assert "Traceback" in line
    assert "WARNING entrepot.test: tried ep-live-0123456789Ab-" in line
    assert "sk-secret-1" not in line
    assert TOKEN not in line


def test_json_lines_are_one_object_each_whatever_the_message_holds() -> None:
    formatter = Formatter(as_json=True)
    formatter.secrets = ("sk-secret-1",)
    try:
        raise ValueError("sk-secret-1")
    except ValueError:
        line = formatter.format(record('two\nlines and "quotes" é', error=sys.exception()))
    assert "\n" not in line
    assert "sk-secret-1" not in line
    entry = json.loads(line)
    assert (entry["level"], entry["logger"]) == ("warning", "entrepot.test")
    assert entry["message"] == 'two\nlines and "quotes" é'
    assert entry["exception"].endswith(f"ValueError: {HIDDEN}")
    assert entry["time"].endswith("+00:00")
