"""Every command that changes something against the audit log: a declared table, and a walk over all of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from argon2 import PasswordHasher
from tests.cli.conftest import Entrepot
from tests.support import rows

from entrepot import ledger
from entrepot.accounts import passwords
from entrepot.accounts.records import Acceptance
from entrepot.administration import invitations
from entrepot.administration.desk import Desk
from entrepot.cli.main import app
from entrepot.home import open_home
from entrepot.ledger import Reservation
from entrepot.store import audit

ACTIONS = {
    "keys create": "key.create",
    "keys edit": "key.change",
    "keys disable": "key.change",
    "keys enable": "key.change",
    "keys rotate": "key.rotate",
    "keys delete": "key.delete",
    "rules put": "rule.put",
    "rules delete": "rule.delete",
    "members invite": "invitation.create",
    "members withdraw": "invitation.delete",
    "members welcome": "member.welcome",
    "members reset": "member.reset",
    "members change": "member.change",
    "members remove": "member.remove",
    "organisations create": "organisation.create",
    "organisations rename": "organisation.change",
    "prices import": "prices.import",
    "prices assign": "organisation.plan",
    "wallet terms": "wallet.terms",
    "wallet grant": "wallet.grant",
    "wallet refund": "wallet.refund",
    "wallet correct": "wallet.correction",
    "vouchers create": "voucher.create",
    "vouchers redeem": "voucher.redeem",
    "vouchers withdraw": "voucher.withdraw",
}
READS = {
    "chat", "models", "env", "audit", "usage", "logs", "doctor", "keys list", "keys show", "rules list", "members list",
    "members show", "members invitations", "organisations list", "organisations show", "prices", "wallet show",
    "wallet transactions", "wallet statement", "vouchers list", "ledger verify", "ledger export", "ledger recovered",
    "serve",  # but for the first keys: see tests/test_home.py
}  # fmt: skip
SETTINGS = """
[plans.team]
[providers.lab]
base_url = "http://127.0.0.1:1/v1"
auth = "none"
[[models]]
id = "harbour"
price = { input = "1", output = "4" }
offers = [{ provider = "lab", upstream_model = "x" }]
"""


def commands(group: Any, name: str = "") -> Iterator[str]:
    for word, each in group.commands.items():
        if hasattr(each, "commands"):
            yield from [f"{name}{word}"] if each.invoke_without_command else []
            yield from commands(each, f"{name}{word} ")
        else:
            yield f"{name}{word}"


def test_every_command_that_does_not_only_read_is_in_the_table() -> None:
    assert set(commands(typer.main.get_command(app))) == set(ACTIONS) | READS
    assert not set(ACTIONS) & READS


class Walk:
    """Runs commands, and keeps which actions each has left in the log."""

    def __init__(self, entrepot: Entrepot, home: Path) -> None:
        self.entrepot = entrepot
        self.home = open_home(home)
        self.found: dict[str, list[str]] = {}

    def __call__(self, command: str, *arguments: str) -> Any:
        seen = len(self.entries())
        done = self.entrepot(*command.split(), *arguments)
        assert done.code == 0, done.err
        self.found[command] = [entry.action for entry in self.entries()[seen:]]
        return json.loads(done.out) if "--json" in arguments else None

    def entries(self) -> list[Any]:
        return audit.entries(self.home.store.read, self.home.owner.organisation_id, audit.Filter(limit=1000))[::-1]

    def keys_and_rules(self) -> None:
        key = self("keys create", "--json")["id"]
        self("keys edit", key, "--rpm", "5")
        self("keys disable", key)
        self("keys enable", key)
        self("keys rotate", key)
        self("rules delete", self("rules put", "model", "gpt-4.1", "--rpm", "5", "--json")["id"])
        self("keys delete", key)

    def people(self) -> None:
        self("members withdraw", self("members invite", "a@house.test", "--json")["id"])
        token = self("members invite", "b@house.test", "--json")["url"].partition("#")[2]
        desk = Desk(store=self.home.store, pepper=self.home.pepper)
        member = invitations.accept(desk, Acceptance(token=token, name="B", password="correct horse battery")).id
        self("members welcome")
        self("members reset", member)
        self("members change", member, "--role", "viewer")
        self("members remove", member)
        self("organisations create", "Quay", "--owner", "q@quay.test")
        self("organisations rename", self.home.owner.organisation_id, "Pier")

    def prices(self) -> None:
        listed = {"id": "harbour", "pricing": {"prompt": "0.000002", "completion": "0.000004"}}
        Path("list.json").write_text(json.dumps({"data": [listed]}))
        self("prices import", "list.json", "--write")
        self("prices assign", "team")

    def money(self) -> None:
        self("wallet terms", "prepaid")
        self("wallet grant", "5")
        self("wallet correct", "-1", "--note", "twice")
        self.charge("req_1")
        self("wallet refund", "--request", "req_1")
        first, second = self("vouchers create", "1", "--count", "2", "--json")
        self("vouchers redeem", first["code"])
        self("vouchers withdraw", second["id"])

    def charge(self, reference: str) -> None:
        organisation_id = self.home.owner.organisation_id
        held = Reservation(reference=reference, at_ms=1, organisation_id=organisation_id, amount_nusd=9)
        row = rows.row(reference, organisation_id=organisation_id, charge_nusd=9)
        entries = [ledger.reserve(held), ledger.settle(held, 9, at_ms=2)]
        self.home.store.journal.close(entries, row).result()


def test_every_change_leaves_its_entry(entrepot: Entrepot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    Path("entrepot.toml").write_text(SETTINGS)
    walk = Walk(entrepot, tmp_path / "home")
    walk.keys_and_rules()
    walk.people()
    walk.prices()
    walk.money()
    assert {command: ACTIONS[command] in actions for command, actions in walk.found.items()} == dict.fromkeys(
        ACTIONS, True
    ), walk.found
    assert {entry.actor for entry in walk.entries()} == {"operator", f"member:{_accepted(walk)}"}
    walk.home.store.close()


def _accepted(walk: Walk) -> str:
    """Who has joined by a link, and not by a command."""
    (joined,) = [entry for entry in walk.entries() if entry.action == "invitation.accept"]
    return str(joined.subject.partition(":")[2])
