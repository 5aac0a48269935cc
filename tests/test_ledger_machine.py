"""Ledger, wallets and limits as one machine, driven at random over a real store: what must hold after every step."""

from __future__ import annotations

import functools
import itertools
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule
from tests.support import rows
from tests.support.stored import move

from entrepot import ledger, limits
from entrepot.books import recover
from entrepot.conversation import Usage
from entrepot.errors import BudgetExhausted, InsufficientFunds, RateLimited, StoreUnavailable
from entrepot.ledger import Debt, Entry, Reservation
from entrepot.limits import Admission, Ask, Limiter, Meter
from entrepot.rules import Rule
from entrepot.store import ExchangeRow, Store
from entrepot.wallets import Terms, Wallets
from entrepot.windows import Now

ORGANISATIONS = ("org_1", "org_2")
TERMS = {"org_1": Terms(payment="prepaid"), "org_2": Terms(credit_nusd=500)}
FLOORS = {"org_1": 0, "org_2": -500}
BUDGET_NUSD = 2000
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
NOW = Now(0.0, NOON)

amounts = st.integers(0, 400)
shares = st.integers(0, 100)


def row_of(reservation: Reservation, **fields: Any) -> ExchangeRow:
    known = {"organisation_id": reservation.organisation_id, "usage": Usage(), "ttft_ms": None}
    return rows.row(reservation.reference, **known | fields)


class Call:
    """One exchange under way."""

    def __init__(self, reservation: Reservation, admission: Admission) -> None:
        self.reservation = reservation
        self.admission = admission
        self.delivered_nusd = 0


class LedgerMachine(RuleBasedStateMachine):
    """The model is two dictionaries: what was moved into each wallet, and what was charged to it."""

    calls: Bundle[Call] = Bundle("calls")

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self.store = Store(Path(self._folder.name) / "entrepot.db", "process-crash")
        self.numbers = itertools.count()
        self.moved = dict.fromkeys(ORGANISATIONS, 0)
        self.charged = dict.fromkeys(ORGANISATIONS, 0)
        self.under_way: dict[str, Call] = {}
        self.ended: list[tuple[Entry, ExchangeRow]] = []
        self.fresh()

    def fresh(self) -> None:
        """What a start makes of the store."""
        balances = {each.organisation_id: each.wallet_nusd for each in self.store.journal.balances()}
        self.wallets = Wallets(balances, TERMS)
        rules = [Rule(id=id, subject="organisation", subject_id=id, total_nusd=BUDGET_NUSD) for id in ORGANISATIONS]
        self.limiter = Limiter(rules, NOW)
        for gate in self.limiter:
            gate.seed(NOW, functools.partial(self.used, gate.rule.subject_id))

    def used(self, organisation: str, since: datetime) -> dict[Meter, int]:
        return {"requests": 0, "tokens": 0, "nusd": self.charged[organisation]}

    def teardown(self) -> None:
        self.store.close()
        self._folder.cleanup()

    # Rules ----------------------------------------------------------------------------------------

    @initialize(amount=st.integers(200, 3000))
    def begin(self, amount: int) -> None:
        self.move("org_1", "topup", amount)

    @rule(
        organisation=st.sampled_from(ORGANISATIONS), kind=st.sampled_from(ledger.MOVEMENTS), amount=st.integers(1, 500)
    )
    def move(self, organisation: str, kind: ledger.Movement, amount: int) -> None:
        entry = ledger.move(kind, f"mov_{next(self.numbers)}", organisation, amount, at_ms=1)
        move(self.store, entry)
        self.wallets.post([entry])
        self.moved[organisation] += amount

    @rule(target=calls, organisation=st.sampled_from(ORGANISATIONS), amount=amounts)
    def reserve(self, organisation: str, amount: int) -> Any:
        gates = self.limiter.gates([("organisation", organisation)], "m")
        available = self.wallets.balance(organisation).available_nusd
        held = sum(each.reservation.amount_nusd for each in self.of(organisation))
        budget_left = BUDGET_NUSD - self.charged[organisation] - held
        try:
            self.wallets.require(organisation, amount)
            admission = limits.admit(gates, Ask(tokens=1, nusd=amount), NOW)
        except InsufficientFunds:
            assert available is not None
            assert amount > available
            return multiple()
        except (BudgetExhausted, RateLimited):
            assert amount > budget_left
            return multiple()
        assert amount <= budget_left
        reservation = Reservation(
            reference=f"req_{next(self.numbers)}", at_ms=1, organisation_id=organisation, amount_nusd=amount
        )
        entry = ledger.reserve(reservation)
        self.wallets.post([entry])
        self.store.journal.reserve(entry, reservation, row_of(reservation)).result()
        call = self.under_way[reservation.reference] = Call(reservation, admission)
        return call

    @rule(call=consumes(calls), share=shares, owed=st.none() | amounts)
    def settle(self, call: Call, share: int, owed: int | None) -> None:
        charge = call.reservation.amount_nusd * share // 100
        debt = None if owed is None else Debt("up1", owed)
        self.close(call, ledger.settle(call.reservation, charge, at_ms=2, debt=debt), charge)

    @rule(call=consumes(calls), owed=amounts)
    def void(self, call: Call, owed: int) -> None:
        self.close(call, ledger.void(call.reservation, at_ms=2, debt=Debt("up1", owed)), 0)

    @rule(call=consumes(calls))
    def expire(self, call: Call) -> None:
        self.close(call, ledger.expire(call.reservation, at_ms=2), 0)

    @rule(call=calls, share=st.integers(0, 150), owed=amounts)
    def progress(self, call: Call, share: int, owed: int) -> None:
        if call.reservation.reference in self.under_way:
            call.delivered_nusd = call.reservation.amount_nusd * share // 100
            row = row_of(call.reservation, ttft_ms=1, charge_nusd=call.delivered_nusd, debt_nusd=owed)
            self.store.journal.progress([row]).result()

    @rule()
    def close_again(self) -> None:
        """Whoever ends an exchange a second time is refused, and nothing changes."""
        if self.ended:
            entry, row = self.ended[-1]
            with pytest.raises(StoreUnavailable):
                self.store.journal.close([entry], row).result()

    @rule(clean=st.booleans())
    def restart(self, clean: bool) -> None:
        """The memory is gone; what was under way is charged as far as it had come."""
        if clean:
            self.store.journal.keep_balances().result()
        for entry in recover(self.store):
            call = self.under_way.pop(entry.reference)
            assert entry.revenue_nusd == min(call.delivered_nusd, call.reservation.amount_nusd)
            self.charged[entry.organisation_id] += entry.revenue_nusd
        assert self.under_way == {}
        assert recover(self.store) == []
        self.fresh()

    def close(self, call: Call, entry: Entry, charge: int) -> None:
        if self.under_way.pop(call.reservation.reference, None) is None:
            return  # a restart has closed it
        row = row_of(call.reservation, ttft_ms=1, charge_nusd=charge, debt_nusd=entry.payable_nusd)
        self.wallets.post([entry])
        call.admission.correct(Ask(tokens=1, nusd=charge))
        self.store.journal.close([entry], row).result()
        self.charged[call.reservation.organisation_id] += charge
        self.ended.append((entry, row))

    def of(self, organisation: str) -> list[Call]:
        return [call for call in self.under_way.values() if call.reservation.organisation_id == organisation]

    # Invariants -----------------------------------------------------------------------------------

    @invariant()
    def postings_add_up_to_zero(self) -> None:
        assert all(sum(entry.postings.values()) == 0 for entry in self.store.journal.entries(limit=10_000))

    @invariant()
    def no_wallet_is_below_its_floor_and_nothing_held_below_zero(self) -> None:
        for organisation in ORGANISATIONS:
            balance = self.wallets.balance(organisation)
            assert balance.wallet_nusd >= FLOORS[organisation]
            assert balance.reserved_nusd == sum(call.reservation.amount_nusd for call in self.of(organisation)) >= 0

    @invariant()
    def balances_are_the_sums_of_their_entries(self) -> None:
        for organisation in ORGANISATIONS:
            entries = self.store.journal.entries(organisation, limit=10_000)
            balance = self.wallets.balance(organisation)
            assert balance.wallet_nusd == sum(entry.wallet_nusd for entry in entries)
            assert balance.reserved_nusd == sum(entry.reserved_nusd for entry in entries)
            total = balance.wallet_nusd + balance.reserved_nusd
            assert total == self.moved[organisation] - self.charged[organisation]

    @invariant()
    def the_store_knows_exactly_what_is_under_way(self) -> None:
        known = {left.reservation.reference for left in self.store.journal.open_reservations()}
        assert known == set(self.under_way)


TestLedgerMachine = LedgerMachine.TestCase
TestLedgerMachine.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
