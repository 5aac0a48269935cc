"""`entrepot organisations`: made, listed, shown, renamed."""

from __future__ import annotations

import pytest
from tests.cli.conftest import Entrepot


def test_an_organisation_is_made_listed_and_renamed(entrepot: Entrepot) -> None:
    made = entrepot("organisations", "create", "Quay", "--owner", "first@quay.test", "--json").json
    assert made["invitation"].startswith("http://127.0.0.1:8080/invitation#ep-invitation-")
    listed = entrepot("organisations", "list", "--json").json
    assert [(each["name"], each["house"]) for each in listed] == [("Default", True), ("Quay", False)]
    assert entrepot("organisations", "show", made["id"], "--json").json == listed[1]
    assert entrepot("organisations", "rename", made["id"], "Pier", "--json").json["name"] == "Pier"
    assert "Pier" in entrepot("organisations", "list").out


@pytest.mark.parametrize("arguments", [["show", "org_0"], ["rename", "org_0", "x"]])
def test_an_unknown_organisation_is_3(entrepot: Entrepot, arguments: list[str]) -> None:
    outcome = entrepot("organisations", *arguments)
    assert (outcome.code, outcome.out) == (3, "")


@pytest.mark.parametrize(
    "arguments", [["create", ""], ["create", "x" * 201], ["create", "x", "--owner", "nobody"], ["rename", "org_0", ""]]
)
def test_what_cannot_be_is_refused(entrepot: Entrepot, arguments: list[str]) -> None:
    owner = ["--owner", "a@b.test"] if arguments[0] == "create" and "--owner" not in arguments else []
    assert entrepot("organisations", *arguments, *owner).code == 2
    assert len(entrepot("organisations", "list", "--json").json) == 1


def test_keys_of_another_organisation(entrepot: Entrepot) -> None:
    other = entrepot("organisations", "create", "Quay", "--owner", "first@quay.test", "--json").json["id"]
    made = entrepot("keys", "create", "--organisation", other, "--project", "harbour", "--json").json
    assert made["project"] == "harbour"
    assert entrepot("keys", "list", "--organisation", other, "--json").json[0]["id"] == made["id"]
    (house,) = [each["id"] for each in entrepot("organisations", "list", "--json").json if each["house"]]
    assert entrepot("keys", "list", "--organisation", house, "--json").json == []
    assert len(entrepot("keys", "list", "--json").json) == 1
    assert entrepot("keys", "disable", made["id"], "--json").json["disabled"] is True
