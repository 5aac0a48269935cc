"""How commands print: for people, or as JSON."""

from __future__ import annotations

import json

import pytest

from entrepot.cli import output

ROWS = [
    {"id": "a", "count": 1234567, "on": True, "names": ["x", "y"], "none": None, "empty": ()},
    {"id": "b" * 300, "count": 0, "on": False, "names": [], "extra": "[red]not markup[/red]"},
]


def test_json_holds_every_field(capsys: pytest.CaptureFixture[str]) -> None:
    output.table(ROWS, ("id",), True)
    assert json.loads(capsys.readouterr().out) == json.loads(json.dumps(ROWS))
    output.record(ROWS[0], True)
    assert json.loads(capsys.readouterr().out) == json.loads(json.dumps(ROWS[0]))


def test_a_table_shows_the_columns_asked_for_and_folds_no_line_when_piped(capsys: pytest.CaptureFixture[str]) -> None:
    output.table(ROWS, ("id", "count", "on", "names", "none", "empty", "extra"), False)
    out = capsys.readouterr().out
    first, second = [line for line in out.splitlines() if "1,234,567" in line or "bbb" in line]
    assert first.split() == ["a", "1,234,567", "yes", "x,", "y", "–", "–", "–"]
    assert "b" * 300 in second
    assert "[red]not markup[/red]" in second


def test_a_record_is_a_field_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    output.record({"expires_at": None, "id": "a", "models": ["x"], "disabled": False}, False)
    assert capsys.readouterr().out == "expires at  –\nid          a\nmodels      x\ndisabled    no\n"


def test_an_empty_table_is_an_empty_list(capsys: pytest.CaptureFixture[str]) -> None:
    output.table([], ("id",), True)
    assert json.loads(capsys.readouterr().out) == []
