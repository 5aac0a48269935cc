"""The journal of money on disk: all or nothing, once, and read back as it was written."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import apsw
import msgspec
import pytest
from tests.support.rows import row
from tests.support.stored import move, put_key, put_rule, remove_rule, set_terms

from entrepot import ledger
from entrepot.accounts import Organisation
from entrepot.conversation import Usage
from entrepot.errors import StoreUnavailable
from entrepot.keys import KeySpec, issue
from entrepot.ledger import Debt, Reservation
from entrepot.rules import Rule
from entrepot.store import Store, accounts
from entrepot.store.queries import migrations
from entrepot.wallets import Terms

OpenStore = Callable[..., Store]
START = datetime(1970, 1, 1, tzinfo=UTC)


def reservation(reference: str = "req_1", amount_nusd: int = 10, organisation_id: str = "org") -> Reservation:
    return Reservation(reference=reference, at_ms=5, organisation_id=organisation_id, amount_nusd=amount_nusd)


def reserve(store: Store, held: Reservation) -> None:
    store.journal.reserve(ledger.reserve(held), held, row(held.reference)).result()


# Exchanges ----------------------------------------------------------------------------------------


def test_an_open_exchange_is_read_back_with_how_far_it_got(open_store: OpenStore) -> None:
    store = open_store()
    reserve(store, reservation())
    reserve(store, reservation("req_2"))
    further = row(charge_nusd=2, debt_nusd=1, ttft_ms=9, usage=Usage(output_tokens=3, estimated=True))
    store.journal.progress([further]).result()
    first, second = sorted(open_store().journal.open_reservations(), key=lambda left: left.reservation.reference)
    assert (first.reservation, first.row) == (reservation(), further)
    assert (second.reservation.reference, second.row) == ("req_2", row("req_2"))


def test_the_end_of_an_exchange_is_written_with_its_row(open_store: OpenStore) -> None:
    store = open_store()
    reserve(store, reservation())
    settled = ledger.settle(reservation(), 7, at_ms=6, debt=Debt("p", 3))
    store.journal.close([settled], row(charge_nusd=7, debt_nusd=3)).result()
    assert store.journal.entries() == [ledger.reserve(reservation()), settled]
    assert store.journal.open_reservations() == []
    assert [(found.request_id, found.charge_nusd, found.debt_nusd) for found in store.exchanges()] == [("req_1", 7, 3)]


@pytest.mark.parametrize("again", ["settle", "void", "expire", "recover"])
def test_an_exchange_is_closed_once_whatever_comes(open_store: OpenStore, again: str) -> None:
    store = open_store()
    reserve(store, reservation())
    store.journal.close([ledger.settle(reservation(), 7, at_ms=6)], row()).result()
    second = {
        "settle": ledger.settle(reservation(), 9, at_ms=7),
        "void": ledger.void(reservation(), at_ms=7),
        "expire": ledger.expire(reservation(), at_ms=7),
        "recover": ledger.recover(reservation(), 9, at_ms=7),
    }[again]
    with pytest.raises(StoreUnavailable):
        store.journal.close([second], row("req_other")).result()
    assert [entry.kind for entry in store.journal.entries()] == ["reserve", "settle"]
    assert [found.request_id for found in store.exchanges()] == ["req_1"]  # the row of the refused one as little


def test_a_reservation_is_all_or_nothing(open_store: OpenStore) -> None:
    store = open_store()
    reserve(store, reservation())
    with pytest.raises(StoreUnavailable):
        reserve(store, reservation())
    assert len(store.journal.entries()) == len(store.journal.open_reservations()) == 1


# Wallets ------------------------------------------------------------------------------------------


def test_balances_are_sums_whether_kept_or_not(open_store: OpenStore) -> None:
    store = open_store()
    for number, amount_nusd in enumerate((100, 20, -5)):
        kind: Any = "correction" if amount_nusd < 0 else "grant"
        move(store, ledger.move(kind, f"m{number}", "org", amount_nusd, at_ms=number))
        if number == 1:
            store.journal.keep_balances().result()
    reserve(store, reservation(amount_nusd=10))
    store.journal.close([ledger.settle(reservation(amount_nusd=10), 4, at_ms=9)], row()).result()
    move(store, ledger.move("topup", "other", "other", 7, at_ms=9))
    found = {each.organisation_id: each.wallet_nusd for each in open_store().journal.balances()}
    assert found == {"org": 111, "other": 7}


def test_each_movement_is_news_and_no_exchange_is(open_store: OpenStore) -> None:
    mine, other = open_store().journal, open_store()
    seen = [mine.generation()]
    for kind in ledger.MOVEMENTS:
        move(other, ledger.move(kind, kind, "org", 1, at_ms=1))
        seen.append(mine.generation())
    assert seen == sorted(set(seen))
    reserve(other, reservation())
    other.journal.close([ledger.void(reservation(), at_ms=2)], row()).result()
    assert mine.generation() == seen[-1]


def test_a_journal_of_before_goes_on(open_store: OpenStore, tmp_path: Path) -> None:
    """What an older hub left: a grant, an exchange that it cut off, and a trigger that counted movements."""
    old = apsw.Connection(str(tmp_path / "old.db"))
    for script in migrations()[:7]:
        old.execute(script).fetchall()
    exchange = msgspec.json.encode(row()).decode()
    old.execute(
        """
        PRAGMA user_version = 7;
        INSERT INTO ledger VALUES (1, 'grant', 'g', 1, 'org', NULL, 50, 0, 0, 0, 0, -50, 0, 0, NULL, NULL),
                                  (2, 'reserve', 'req_1', 5, 'org', NULL, -10, 10, 0, 0, 0, 0, 0, 0, NULL, NULL);
        """
    ).fetchall()
    old.execute("INSERT INTO reservations VALUES ('req_1', 5, 'org', 10, ?)", (exchange,)).fetchall()
    seen = old.execute("SELECT value FROM generations WHERE name = 'money'").fetchall()[0][0]
    old.close()
    store = open_store("old.db")
    assert [(left.reservation, left.row) for left in store.journal.open_reservations()] == [(reservation(), row())]
    store.journal.close([ledger.void(reservation(), at_ms=6)], row()).result()
    after = store.journal.generation()
    assert after > int(str(seen))
    move(store, ledger.move("topup", "t", "org", 5, at_ms=7))
    assert store.journal.generation() > after
    assert [balance.wallet_nusd for balance in store.journal.balances()] == [55]


def test_movements_are_told_from_where_one_has_read(open_store: OpenStore) -> None:
    store = open_store()
    journal = store.journal
    for name in ("a", "b", "c"):
        move(store, ledger.move("grant", name, "org", 1, at_ms=1))
    (first, _), *_ = journal.movements(after_seq=0)
    assert [entry.reference for _, entry in journal.movements(after_seq=first)] == ["b", "c"]
    assert [entry.reference for entry in journal.entries("org", limit=2)] == ["a", "b"]
    assert journal.entries("nobody") == []


def test_terms_belong_to_an_organisation(open_store: OpenStore) -> None:
    store = open_store()
    set_terms(store, "org", Terms(payment="prepaid"))
    assert store.journal.terms() == {}
    store.write(
        lambda run: accounts.insert_organisation(run, Organisation(id="org", name="Quay", created_at_ms=1))
    ).result()
    assert store.journal.terms() == {"org": Terms()}
    credit = Terms(payment="postpaid", credit_nusd=5)
    set_terms(store, "org", credit)
    assert store.journal.terms() == {"org": credit}


# Rules --------------------------------------------------------------------------------------------


def test_rules_are_read_back_and_each_change_is_news(open_store: OpenStore) -> None:
    mine, other = open_store().journal, open_store()
    full = Rule(
        id="r",
        subject="member",
        subject_id="mem",
        model="m",
        requests_per_minute=1,
        tokens_per_minute=2,
        requests_per_day=3,
        tokens_per_day=4,
        concurrency=5,
        day_nusd=6,
        week_nusd=7,
        month_nusd=8,
        total_nusd=9,
    )
    seen = [mine.generation()]
    for put in (full, Rule(id="r", subject="member", subject_id="mem", model="m", day_nusd=1)):
        put_rule(other, put)
        seen.append(mine.generation())
    remove_rule(other, "r")
    seen.append(mine.generation())
    assert seen == sorted(set(seen))
    assert mine.rules() == []
    put_rule(other, full)
    assert mine.rules() == [full]


def test_a_subject_has_one_rule_for_each_model_and_one_for_all(open_store: OpenStore) -> None:
    store = open_store()
    for id, model in (("1", None), ("2", "m"), ("3", None), ("4", "n")):
        put_rule(store, Rule(id=id, subject="key", subject_id="k", model=model, concurrency=1))
    assert [found.id for found in store.journal.rules()] == ["2", "3", "4"]


def test_a_key_is_counted_with_those_made_through_it(open_store: OpenStore) -> None:
    store = open_store()
    organisation = Organisation(id="org", name="Quay", created_at_ms=1)
    store.write(lambda run: accounts.insert_organisation(run, organisation)).result()
    made: dict[str, tuple[str, ...]] = {
        "parent": (),
        "child": ("parent",),
        "grandchild": ("child", "parent"),
        "other": (),
    }
    for id, ancestors in made.items():
        key, _ = issue(KeySpec(name=id), "org", bytes(32), now_ms=1, random=os.urandom)
        put_key(store, msgspec.structs.replace(key, id=id, ancestors=ancestors))
    for number, id in enumerate(("parent", "child", "grandchild", "other")):
        held = reservation(f"req_{number}")
        reserve(store, held)
        store.journal.close([ledger.settle(held, 5, at_ms=6)], row(held.reference, key_id=id, charge_nusd=5)).result()
    used = {
        id: store.journal.used(Rule(id="r", subject="key", subject_id=id), START)["nusd"]
        for id in ("parent", "child", "grandchild", "other", "nobody")
    }
    assert used == {"parent": 15, "child": 10, "grandchild": 5, "other": 5, "nobody": 0}
