"""`entrepot audit`: what was done at this command line, and its filters."""

from __future__ import annotations

from tests.cli.conftest import Entrepot


def test_what_the_operator_does_is_in_the_log(entrepot: Entrepot) -> None:
    made = entrepot("keys", "create", "--name", "ci", "--json").json
    entrepot("keys", "disable", made["id"])
    newest, oldest = entrepot("audit", "--json").json
    assert (newest["actor"], newest["action"], newest["subject"]) == ("operator", "key.change", f"key:{made['id']}")
    assert (newest["before"], newest["after"]) == ({"disabled": False}, {"disabled": True})
    assert oldest["action"] == "key.create"
    assert made["key"] not in str(oldest)
    assert "key.change" in entrepot("audit").out


def test_entries_are_filtered(entrepot: Entrepot) -> None:
    for name in ("one", "two"):
        entrepot("keys", "create", "--name", name)
    other = entrepot("organisations", "create", "Quay", "--owner", "a@b.test", "--json").json["id"]
    assert len(entrepot("audit", "--action", "key.create", "--json").json) == 2
    assert len(entrepot("audit", "--limit", "1", "--json").json) == 1
    assert entrepot("audit", "--actor", "member:x", "--json").json == []
    assert entrepot("audit", "--subject", f"organisation:{other}", "--json").json[0]["action"] == "organisation.create"
    assert entrepot("audit", "--organisation", other, "--json").json == []
    assert entrepot("audit", "--organisation", "org_0").code == 3
