"""Statements of months: by the entries' own times, to the nano-dollar, whatever was cut off."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

import msgspec
import pytest
from tests.store.test_checks import row
from tests.support.stored import move

from entrepot import ledger
from entrepot.accounts import Organisation
from entrepot.ledger import Reservation
from entrepot.money import Line
from entrepot.statements import Period, Statement
from entrepot.store import Store, accounts, reports
from entrepot.store.reports import LogFilter, TransactionFilter

OCTOBER, NOVEMBER, DECEMBER = (Period.of(f"2026-{month}") for month in (10, 11, 12))


def at(day: int, month: int = 11) -> int:
    return round(datetime(2026, month, day, tzinfo=UTC).timestamp() * 1000)


@pytest.fixture
def store(open_store: Callable[..., Store]) -> Store:
    store = open_store()
    for id in ("org_1", "org_2"):
        organisation = Organisation(id=id, name=id, created_at_ms=1)
        store.write(partial(accounts.insert_organisation, organisation=organisation)).result()
    return store


def exchange(store: Store, id: str, charge_nusd: int, at_ms: int, *, model: str = "m", lines: bool = True) -> None:
    held = Reservation(reference=id, at_ms=at_ms - 1, organisation_id="org_1", amount_nusd=1000)
    shares = (Line("input", 3, charge_nusd // 3), Line("output", 7, charge_nusd - charge_nusd // 3))
    closed = msgspec.structs.replace(
        row(id, charge_nusd), model=model, started_at_ms=at_ms - 2, lines=shares if lines else ()
    )
    store.journal.reserve(ledger.reserve(held), held, closed).result()
    store.journal.close([ledger.settle(held, charge_nusd, at_ms=at_ms)], closed).result()


def statement(store: Store, period: Period, organisation_id: str = "org_1") -> Statement:
    return store.report(lambda run: reports.statement(run, organisation_id, period, at(20)))


def test_months_join_without_gap_or_overlap(store: Store) -> None:
    move(store, ledger.move("grant", "grant_1", "org_1", 10_000, at_ms=at(1) - 1))
    move(store, ledger.move("topup", "topup_1", "org_1", 5, at_ms=at(1)))
    move(store, ledger.move("grant", "grant_2", "org_2", 77, at_ms=at(5)))
    exchange(store, "req_1", 100, at(1))  # held in October, charged in November
    exchange(store, "req_2", 201, at(1, 12) - 1)
    exchange(store, "req_3", 7, at(1, 12))
    found = [statement(store, period) for period in (OCTOBER, NOVEMBER, DECEMBER)]
    assert [(each.opening_nusd, each.closing_nusd) for each in found] == [(0, 10_000), (10_000, 9704), (9704, 9697)]
    for each in found:
        assert each.opening_nusd + each.moved_nusd - each.charged_nusd == each.closing_nusd
        for use in each.usage:
            assert sum(line.nusd for line in use.lines) == use.charge_nusd
    assert [each.closed for each in found] == [True, False, False]
    assert statement(store, NOVEMBER, "org_2").closing_nusd == 77


def test_a_charge_without_lines_is_told_as_a_whole(store: Store) -> None:
    exchange(store, "req_1", 100, at(2))
    exchange(store, "req_2", 50, at(2), lines=False)
    (use,) = statement(store, NOVEMBER).usage
    assert [(line.meter, line.units, line.nusd) for line in use.lines] == [
        ("output", 7, 67), ("input", 3, 33), ("other", None, 50),
    ]  # fmt: skip


def test_an_open_call_is_in_no_statement(store: Store) -> None:
    held = Reservation(reference="req_1", at_ms=at(3), organisation_id="org_1", amount_nusd=1000)
    store.journal.reserve(ledger.reserve(held), held, row("req_1")).result()
    found = statement(store, NOVEMBER)
    assert (found.opening_nusd, found.closing_nusd, found.usage) == (0, 0, ())


def test_the_dearest_model_comes_first(store: Store) -> None:
    for number, (model, charge_nusd) in enumerate((("a", 5), ("b", 50), ("a", 6))):
        exchange(store, f"req_{number}", charge_nusd, at(2), model=model)
    assert [(use.model, use.requests, use.charge_nusd) for use in statement(store, NOVEMBER).usage] == [
        ("b", 1, 50), ("a", 2, 11),
    ]  # fmt: skip


def test_a_call_that_was_given_back_is_no_transaction(store: Store) -> None:
    exchange(store, "req_1", 0, at(2))
    exchange(store, "req_2", 1, at(2))
    found = store.report(lambda run: reports.transactions(run, TransactionFilter(organisation_id="org_1")))
    assert [(each.reference, each.amount_nusd) for each in found] == [("req_2", -1)]


def test_logs_of_one_moment_are_paged_by_their_ids(store: Store) -> None:
    for number in range(4):
        exchange(store, f"req_{number}", 1, at(2))
    first = store.report(lambda run: reports.logs(run, LogFilter(organisation_id="org_1", limit=2)))
    last = LogFilter(organisation_id="org_1", before_ms=first[-1].started_at_ms, before_id=first[-1].request_id)
    rest = store.report(lambda run: reports.logs(run, last))
    assert [each.request_id for each in (*first, *rest)] == ["req_3", "req_2", "req_1", "req_0"]
    assert first[0].lines == (Line("input", 3, 0), Line("output", 7, 1))
