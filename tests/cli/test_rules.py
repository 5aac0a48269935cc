"""`entrepot rules`, and the limits and budgets of `entrepot keys`."""

from __future__ import annotations

from typing import Any

import pytest
from tests.cli.conftest import Entrepot


def rules(entrepot: Entrepot) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = entrepot("rules", "list", "--json").json
    return found


def test_a_rule_is_put_listed_replaced_and_deleted(entrepot: Entrepot) -> None:
    put = entrepot("rules", "put", "model", "GPT-4.1", "--rpm", "5", "--budget-month", "2.50", "--json").json
    assert (put["subject_id"], put["limits"]["requests_per_minute"], put["budget"]["month_usd"]) == (
        "gpt-4.1",
        5,
        "2.5",
    )
    assert rules(entrepot) == [put]
    listed = entrepot("rules", "list").out
    assert "requests_per_minute 5 (5 left)" in listed
    assert "month_usd 2.5 (2.5 left)" in listed
    again = entrepot("rules", "put", "model", "gpt-4.1", "--concurrency", "2", "--json").json
    assert (again["id"], again["limits"]["requests_per_minute"]) == (put["id"], None)
    assert entrepot("rules", "delete", put["id"], "--json").json == {"id": put["id"], "deleted": True}
    assert rules(entrepot) == []


def test_members_and_keys_of_every_organisation_can_be_bound(entrepot: Entrepot) -> None:
    other = entrepot("organisations", "create", "Quay", "--owner", "first@quay.test", "--json").json["id"]
    key = entrepot("keys", "create", "--organisation", other, "--json").json
    member = entrepot("members", "list", "--json").json[0]["id"]
    for subject, id in (("organisation", other), ("key", key["prefix"]), ("member", member)):
        outcome = entrepot("rules", "put", subject, id, "--model", "gpt-4.1", "--tpd", "9")
        assert (outcome.code, outcome.err) == (0, "")
    assert {(rule["subject"], rule["subject_id"]) for rule in rules(entrepot)} == {
        ("organisation", other), ("key", key["id"]), ("member", member),
    }  # fmt: skip
    for rule in rules(entrepot):
        assert entrepot("rules", "delete", rule["id"]).code == 0


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["put", "model", "nope", "--rpm", "1"], 3),
        (["put", "key", "nope", "--rpm", "1"], 3),
        (["put", "member", "nope", "--rpm", "1"], 3),
        (["put", "organisation", "nope", "--rpm", "1"], 3),
        (["put", "everything", "x", "--rpm", "1"], 2),
        (["put", "model", "gpt-4.1"], 2),
        (["put", "model", "gpt-4.1", "--rpm", "many"], 2),
        (["put", "model", "gpt-4.1", "--budget-day", "-1"], 2),
        (["delete", "nope"], 3),
    ],
)
def test_what_cannot_be_is_refused(entrepot: Entrepot, arguments: list[str], code: int) -> None:
    outcome = entrepot("rules", *arguments)
    assert (outcome.code, outcome.out) == (code, "")
    assert rules(entrepot) == []


def test_limits_of_a_key(entrepot: Entrepot) -> None:
    made = entrepot("keys", "create", "--rpm", "5", "--budget-day", "0.5", "--json").json
    assert (made["limits"]["requests_per_minute"], made["budget"]["day_usd"]) == (5, "0.5")
    edited = entrepot("keys", "edit", made["id"], "--rpm", "none", "--tpm", "7", "--name", "new", "--json").json
    assert (edited["name"], edited["limits"]["requests_per_minute"], edited["limits"]["tokens_per_minute"]) == (
        "new", None, 7,
    )  # fmt: skip
    assert edited["budget"]["day_usd"] == "0.5"
    shown = entrepot("keys", "show", made["id"])
    assert "7 (7 left)" in shown.out
    assert "0.5 (0.5 left)" in shown.out
    narrowed = entrepot("keys", "edit", made["id"], "--model", "gpt-4.1", "--expires", "30d", "--json").json
    assert (narrowed["models"], narrowed["limits"]["tokens_per_minute"]) == (["gpt-4.1"], 7)
    assert narrowed["expires_at"] is not None
    assert [rule["subject_id"] for rule in rules(entrepot)] == [made["id"]]
    entrepot("keys", "delete", made["id"])
    assert rules(entrepot) == []
