"""`entrepot wallet`: filled, bound and told without a running hub."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import pytest
from tests.cli.conftest import Entrepot


def month() -> str:
    return datetime.now(UTC).strftime("%Y-%m")


def test_money_moves_and_is_told(entrepot: Entrepot) -> None:
    assert entrepot("wallet", "terms", "prepaid", "--json").json["terms"] == {"payment": "prepaid", "credit_usd": None}
    made = entrepot("wallet", "grant", "25", "--note", "a start", "--json").json
    assert (made["type"], made["amount_usd"], made["actor"], made["note"]) == ("grant", "25", "operator", "a start")
    entrepot("wallet", "correct", "-0.5", "--note", "too much")
    entrepot("wallet", "refund", "--amount", "0.25")
    shown = entrepot("wallet", "show", "--json").json
    assert (shown["balance_usd"], shown["available_usd"]) == ("24.75", "24.75")
    assert "24.75" in entrepot("wallet", "show").out
    found = entrepot("wallet", "transactions", "--json").json
    assert [each["type"] for each in found] == ["refund", "correction", "grant"]
    assert len(entrepot("wallet", "transactions", "--limit", "1", "--json").json) == 1
    assert entrepot("ledger", "verify").code == 0


def test_another_organisation_has_its_own_wallet(entrepot: Entrepot) -> None:
    other = entrepot("organisations", "create", "Quay", "--owner", "a@b.test", "--json").json["id"]
    entrepot("wallet", "grant", "3", "--organisation", other)
    assert entrepot("wallet", "show", "--organisation", other, "--json").json["balance_usd"] == "3"
    assert entrepot("wallet", "show", "--json").json["balance_usd"] == "0"
    assert entrepot("wallet", "show", "--organisation", "org_0").code == 3


def test_a_statement_is_printed_in_three_forms(entrepot: Entrepot) -> None:
    entrepot("wallet", "grant", "25")
    assert entrepot("wallet", "statement", month()).json["closing_balance_usd"] == "25"
    rows = list(csv.DictReader(io.StringIO(entrepot("wallet", "statement", month(), "--format", "csv").out)))
    assert [row["type"] for row in rows] == ["opening", "grant", "closing"]
    assert entrepot("wallet", "statement", month(), "--format", "html").out.startswith("<!doctype html>")


@pytest.mark.parametrize(
    "arguments",
    [
        ("grant", "-5"),
        ("grant", "0"),
        ("grant", "a lot"),
        ("terms", "never"),
        ("terms", "prepaid", "--credit", "5"),
        ("refund",),
        ("statement", "2026-13"),
        ("statement", "2026-01", "--format", "pdf"),
    ],
)
def test_what_makes_no_sense_is_refused(entrepot: Entrepot, arguments: tuple[str, ...]) -> None:
    assert entrepot("wallet", *arguments).code == 2
    assert entrepot("wallet", "transactions", "--json").json == []
