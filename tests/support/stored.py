"""What tests write into a store: at once, by the statements that the hub itself runs."""

from __future__ import annotations

from msgspec.structs import asdict, astuple

from entrepot.keys import Key
from entrepot.ledger import Entry
from entrepot.rules import Rule
from entrepot.store import Store, keys, rules
from entrepot.wallets import Terms


def put_key(store: Store, key: Key) -> None:
    store.write(lambda run: keys.insert(run, key)).result()


def change_key(store: Store, key: Key) -> None:
    store.write(lambda run: keys.update(run, key)).result()


def remove_key(store: Store, key: Key) -> None:
    store.write(lambda run: keys.delete(run, key)).result()


def put_rule(store: Store, rule: Rule) -> None:
    store.write(lambda run: rules.put(run, rule)).result()


def remove_rule(store: Store, rule_id: str) -> None:
    store.write(lambda run: rules.delete(run, rule_id)).result()


def set_terms(store: Store, organisation_id: str, terms: Terms) -> None:
    store.write(lambda run: run("update_terms", {"id": organisation_id, **asdict(terms)})).result()


def move(store: Store, entry: Entry) -> None:
    """Post an entry that belongs to no exchange."""
    store.write(lambda run: run("insert_entry", astuple(entry))).result()
