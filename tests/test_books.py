"""The books of a hub: what other processes change, what a start begins with, and clocks that jump."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import apsw
import pytest
from tests.support import rows
from tests.support.stored import move, put_rule, remove_rule, set_terms

from entrepot import ledger
from entrepot.accounts import Organisation
from entrepot.books import Books
from entrepot.conversation import Usage
from entrepot.errors import BudgetExhausted, RateLimited, StoreUnavailable
from entrepot.ledger import Reservation
from entrepot.limits import Ask, admit
from entrepot.rules import Rule
from entrepot.store import ExchangeRow, Store, accounts, checks, connections, sqlite
from entrepot.store.queries import Parameters
from entrepot.wallets import Terms
from entrepot.windows import Now

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
OpenStore = Callable[..., Store]


class Clock:
    """Both clocks of a hub; the wall's can be set on its own."""

    def __init__(self) -> None:
        self.now = Now(1000.0, NOON)

    def __call__(self) -> Now:
        return self.now

    def pass_time(self, seconds: float, *, wall_s: float | None = None) -> None:
        moved_s = seconds if wall_s is None else wall_s
        self.now = Now(self.now.monotonic_s + seconds, self.now.wall + timedelta(seconds=moved_s))


def rule(**bounds: Any) -> Rule:
    return Rule(**{"id": "rule_1", "subject": "key", "subject_id": "k"} | bounds)


def row(number: int = 1, **fields: Any) -> ExchangeRow:
    a_second_ago = {"started_at_ms": round(NOON.timestamp() * 1000) - 1000}
    return rows.row(f"req_{number}", **a_second_ago | {"charge_nusd": 25} | fields)


def written(store: Store, *rows: ExchangeRow) -> None:
    """Wait until the rows are on disk."""
    for each in rows:
        store.record(each)
    until, ids = time.monotonic() + 5, {each.request_id for each in rows}
    while not ids <= (found := {each.request_id for each in store.exchanges()}) and time.monotonic() < until:
        time.sleep(0.005)
    assert ids <= found


def used(books: Books, clock: Clock) -> dict[str, int]:
    return {bound.field: bound.left(clock()).used for gate in books.limiter for bound in gate.bounds}


def reservation(amount_nusd: int = 10, reference: str = "req_1") -> Reservation:
    return Reservation(reference=reference, at_ms=1, organisation_id="org", amount_nusd=amount_nusd)


def prepaid(store: Store, amount_nusd: int) -> None:
    organisation = Organisation(id="org", name="Quay", created_at_ms=1)
    store.write(lambda run: accounts.insert_organisation(run, organisation)).result()
    set_terms(store, "org", Terms(payment="prepaid"))
    move(store, ledger.move("grant", "g", "org", amount_nusd, at_ms=1))


# Other processes ----------------------------------------------------------------------------------


def test_what_another_process_changes_is_noticed_and_taken_over(open_store: OpenStore) -> None:
    mine, other, clock = open_store(), open_store(), Clock()
    books = Books(mine, clock)
    assert not books.has_changed()
    put_rule(other, rule(requests_per_minute=1))
    assert books.has_changed()
    books.refresh()
    assert not books.has_changed()
    gates = books.limiter.gates([("key", "k")], "m")
    admit(gates, Ask(tokens=1, nusd=0), clock())
    put_rule(other, rule(requests_per_minute=2))
    books.refresh()
    admit(books.limiter.gates([("key", "k")], "m"), Ask(tokens=1, nusd=0), clock())
    with pytest.raises(RateLimited):
        admit(books.limiter.gates([("key", "k")], "m"), Ask(tokens=1, nusd=0), clock())
    remove_rule(other, "rule_1")
    books.refresh()
    assert books.limiter.gates([("key", "k")], "m") == []


def test_money_that_another_process_moves_counts_once(open_store: OpenStore) -> None:
    mine, other = open_store(), open_store()
    prepaid(other, 100)
    books = Books(mine)
    move(other, ledger.move("topup", "t", "org", 50, at_ms=2))
    assert books.has_changed()
    for _ in range(2):
        books.refresh()
        assert books.wallets.balance("org").wallet_nusd == 150


@pytest.mark.parametrize("statement", ["terms", "plans", "movements", "rules", "used"])
def test_what_could_not_be_read_is_still_news(
    open_store: OpenStore, monkeypatch: pytest.MonkeyPatch, statement: str
) -> None:
    store, clock = open_store(), Clock()
    books = Books(store, clock)
    prepaid(store, 100)
    written(store, row(1))
    put_rule(store, rule(day_nusd=60))
    execute = connections.execute

    def failing(connection: apsw.Connection, name: str, parameters: Parameters) -> list[dict[str, Any]]:
        if name == statement:
            raise apsw.IOError("disk I/O error")
        return execute(connection, name, parameters)

    with monkeypatch.context() as patch:
        patch.setattr(sqlite, "execute", failing)
        with pytest.raises(StoreUnavailable):
            books.refresh()
    assert books.has_changed()
    books.refresh()
    assert not books.has_changed()
    assert books.wallets.balance("org").total_nusd == 100
    assert used(books, clock) == {"day_nusd": 25}


def test_the_own_writes_of_exchanges_are_no_news(open_store: OpenStore) -> None:
    store = open_store()
    books = Books(store)
    entry = ledger.reserve(reservation())
    store.journal.reserve(entry, reservation(), row()).result()
    store.journal.close([ledger.void(reservation(), at_ms=2)], row()).result()
    assert not books.has_changed()


# A start ------------------------------------------------------------------------------------------


def test_a_start_begins_with_what_the_windows_hold(open_store: OpenStore) -> None:
    store, clock = open_store(), Clock()
    noon_ms = round(NOON.timestamp() * 1000)
    written(
        store,
        row(1),
        row(2, started_at_ms=noon_ms - 61_000),  # of the day, not of the minute
        row(3, started_at_ms=noon_ms - 86_400_000),  # of the week
        row(4, started_at_ms=noon_ms - 10 * 86_400_000),  # of the month
        row(5, started_at_ms=noon_ms - 90 * 86_400_000),
        row(6, key_id="other"),
        row(7, status=429, error_code="rate_limit_exceeded", attempts=0, charge_nusd=None, usage=Usage()),
        row(8, status=502, error_code="upstream_error", attempts=2, charge_nusd=None, usage=Usage()),
        row(9, status=500, error_code="hub_stopped", attempts=0),
    )
    bounds = ("requests_per_minute", "tokens_per_minute", "requests_per_day", "tokens_per_day")
    money = ("day_nusd", "week_nusd", "month_nusd", "total_nusd")
    put_rule(store, rule(**dict.fromkeys((*bounds, *money), 1000)))
    assert used(Books(store, clock), clock) == {
        "requests_per_minute": 3,  # what was refused counts nowhere, what failed upstream does
        "tokens_per_minute": 80,
        "requests_per_day": 4,
        "tokens_per_day": 120,
        "day_nusd": 75,
        "week_nusd": 100,
        "month_nusd": 125,
        "total_nusd": 150,
    }


@pytest.mark.parametrize(
    ("bounds", "ask", "error"),
    [
        ({"requests_per_minute": 2}, Ask(tokens=1, nusd=1), RateLimited),
        ({"tokens_per_minute": 80}, Ask(tokens=1, nusd=1), RateLimited),
        ({"requests_per_day": 2}, Ask(tokens=1, nusd=1), RateLimited),
        ({"day_nusd": 50}, Ask(tokens=1, nusd=1), BudgetExhausted),
        ({"total_nusd": 50}, Ask(tokens=1, nusd=1), BudgetExhausted),
    ],
)
def test_a_restart_gives_nothing_back(
    open_store: OpenStore, bounds: dict[str, int], ask: Ask, error: type[Exception]
) -> None:
    store, clock = open_store(), Clock()
    written(store, row(1), row(2))
    put_rule(store, rule(**bounds))
    books = Books(store, clock)
    with pytest.raises(error):
        admit(list(books.limiter), ask, clock())
    if "total_nusd" not in bounds:
        clock.pass_time(60 if "minute" in next(iter(bounds)) else 12 * 3600)
        admit(list(books.limiter), ask, clock())


@pytest.mark.parametrize(
    ("subject", "subject_id", "model", "requests"),
    [
        ("organisation", "org", None, 3),
        ("organisation", "org", "m", 2),
        ("member", "mem", None, 1),
        ("model", "m", None, 2),
        ("key", "nobody", None, 0),
    ],
)
def test_each_subject_counts_its_own(
    open_store: OpenStore, subject: Any, subject_id: str, model: str | None, requests: int
) -> None:
    store, clock = open_store(), Clock()
    written(store, row(1, member_id="mem"), row(2), row(3, model="n"))
    found = Rule(id="r", subject=subject, subject_id=subject_id, model=model, requests_per_day=9)
    put_rule(store, found)
    assert used(Books(store, clock), clock) == {"requests_per_day": requests}


def test_a_rule_that_gets_a_budget_counts_what_was_spent_before(open_store: OpenStore) -> None:
    store, clock = open_store(), Clock()
    written(store, row(1), row(2))
    books = Books(store, clock)
    put_rule(store, rule(requests_per_day=9))
    books.refresh()
    put_rule(store, rule(requests_per_day=9, day_nusd=60))
    books.refresh()
    assert used(books, clock) == {"requests_per_day": 2, "day_nusd": 50}


def test_the_free_tier_of_the_day_is_seeded(open_store: OpenStore) -> None:
    store = open_store()
    free = reservation(0)
    store.journal.reserve(ledger.reserve(free), free, row()).result()
    store.journal.close([ledger.settle(free, 0, at_ms=2, free=True)], row(charge_nusd=0)).result()
    written(store, row(2, charge_nusd=0), row(3), row(4, charge_nusd=None))  # free by price, paid, failed
    use = store.journal.free_use(NOON.replace(hour=0))
    assert {id: (each.requests, each.tokens) for id, each in use.items()} == {"org": (1, 40)}
    assert store.journal.free_use(NOON + timedelta(days=1)) == {}


# Clocks that jump ---------------------------------------------------------------------------------


@pytest.mark.parametrize("wall_s", [-86_400 * 40, -3600, 0, 3600])
def test_a_wall_clock_that_jumps_moves_no_minute(open_store: OpenStore, wall_s: float) -> None:
    store, clock = open_store(), Clock()
    put_rule(store, rule(requests_per_minute=1))
    gates = list(Books(store, clock).limiter)
    admit(gates, Ask(tokens=1, nusd=0), clock())
    clock.pass_time(59.9, wall_s=wall_s)
    with pytest.raises(RateLimited) as caught:
        admit(gates, Ask(tokens=1, nusd=0), clock())
    assert caught.value.retry_after_s == 1.0
    clock.pass_time(0.1, wall_s=0)
    admit(gates, Ask(tokens=1, nusd=0), clock())


@pytest.mark.parametrize("period", ["day", "week", "month"])
def test_a_wall_clock_that_is_set_back_gives_no_budget_twice(open_store: OpenStore, period: str) -> None:
    store, clock = open_store(), Clock()
    put_rule(store, rule(**{f"{period}_nusd": 10}))
    gates = list(Books(store, clock).limiter)
    admit(gates, Ask(tokens=1, nusd=10), clock()).correct(Ask(tokens=1, nusd=10))
    for wall_s in (-40 * 86_400, 40 * 86_400):
        clock.pass_time(1, wall_s=wall_s)
        with pytest.raises(BudgetExhausted):
            admit(gates, Ask(tokens=1, nusd=10), clock())
    clock.pass_time(40 * 86_400)
    admit(gates, Ask(tokens=1, nusd=10), clock())


@pytest.mark.parametrize("days", [-4000, -1, 0, 1, 4000])
def test_a_clock_that_jumped_over_a_crash_keeps_nothing_open(open_store: OpenStore, days: int) -> None:
    """The exchange began when the clock stood elsewhere; what it is charged counts where no period has ended since."""
    store, clock = open_store(), Clock()
    began_ms = round((NOON + timedelta(days=days)).timestamp() * 1000)
    left = row(started_at_ms=began_ms, charge_nusd=7, debt_nusd=3)
    store.journal.reserve(ledger.reserve(reservation()), reservation(), left).result()
    put_rule(store, rule(day_nusd=100, total_nusd=100))
    books = Books(store, clock)
    assert [(entry.kind, entry.revenue_nusd) for entry in books.recovered] == [("recover", 7)]
    assert store.journal.open_reservations() == []
    assert store.report(lambda run: checks.differences(run, running=False)) == []
    assert used(books, clock) == {"day_nusd": 7 if days >= 0 else 0, "total_nusd": 7}
