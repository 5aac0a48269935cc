"""`entrepot models`: the catalogue as configured here."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.conftest import Entrepot

LAB = """
[providers.lab]
base_url = "http://127.0.0.1:1/v1"
auth = "none"
[[models]]
id = "harbour"
name = "Harbour Master"
developer = "Quay"
aliases = ["port/harbour"]
context_tokens = 4096
price = { input = "0.4", output = "1.6" }
offers = [{ provider = "lab", upstream_model = "x" }]
"""


@pytest.fixture(autouse=True)
def _lab(entrepot: Entrepot) -> None:
    Path("entrepot.toml").write_text(LAB)


def test_models_are_listed_with_what_they_cost_and_who_can_be_called(entrepot: Entrepot) -> None:
    outcome = entrepot("models")
    assert outcome.code == 0
    (line,) = [line for line in outcome.out.splitlines() if "harbour" in line]
    for word in ("Quay", "4,096", "0.4", "1.6", "active", "lab"):
        assert word in line
    assert "gpt-4.1-mini" in outcome.out


@pytest.mark.parametrize("word", ["harb", "HARBOUR", "port/", "Master", "quay"])
def test_a_search_looks_at_every_name(entrepot: Entrepot, word: str) -> None:
    assert [row["id"] for row in entrepot("models", word, "--json").json] == ["harbour"]


def test_only_those_that_can_be_called_now(entrepot: Entrepot, monkeypatch: pytest.MonkeyPatch) -> None:
    def ids() -> set[str]:
        return {row["id"] for row in entrepot("models", "--available", "--json").json}

    assert "harbour" in ids()
    assert "gpt-4.1-mini" not in ids()
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-1")
    assert "gpt-4.1-mini" in ids()


def test_nothing_found_is_3(entrepot: Entrepot) -> None:
    assert entrepot("models", "no-such") == (3, "", "entrepot: No model matches 'no-such'.\n")


def test_a_mistake_in_the_catalogue_is_2_and_says_where(entrepot: Entrepot) -> None:
    Path("entrepot.toml").write_text(LAB.replace('provider = "lab"', 'provider = "lob"'))
    outcome = entrepot("models")
    assert outcome.code == 2
    assert "entrepot.toml:12: unknown provider 'lob'" in outcome.err
