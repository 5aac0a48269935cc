"""Rates and budgets: whether one more call fits, checked against every rule at once and taken from all or none. Pure.

Everything happens in memory between two awaits of the event loop, which makes it atomic.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal, NoReturn

import msgspec

from entrepot.errors import BudgetExhausted, RateLimited
from entrepot.money import usd
from entrepot.rules import PERIODS, Period, Rule, SubjectKind
from entrepot.windows import MINUTE_S, Calendar, Now, Sliding, Taken, window_end, window_start

HELD_RETRY_S = 1.0  # what calls under way hold may be given back any moment


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """What a call may use at most: input and output tokens together, and nano-USD."""

    tokens: int
    nusd: int


class Left(msgspec.Struct, frozen=True, kw_only=True):
    """What is left of one bound, what calls under way hold of it, and in how many seconds it is whole again."""

    limit: int
    used: int
    remaining: int
    held: int
    reset_s: float


Meter = Literal["requests", "tokens", "nusd"]


class Bound:
    """One number of one rule, and what has been taken of it. `field` is its name in the rule."""

    __slots__ = ("field", "limit", "meter", "period", "seeded", "window")

    def __init__(self, field: str, limit: int, now: Now) -> None:
        self.field = field
        self.limit = limit
        self.seeded = False
        self.meter: Meter = _METERS[field.partition("_")[0]]
        self.period: Period | None = _PERIODS.get(field)
        self.window: Sliding | Calendar = Sliding()
        if self.period is not None:
            self.window = Calendar(self.period, window_start(self.period, now.wall))

    def join(self, began: Now, now: Now, amount: int) -> Taken | None:
        """Take what a call under way took when it began; None where its window is over."""
        if self.period is None:
            is_over = now.monotonic_s - began.monotonic_s >= MINUTE_S
        else:
            is_over = began.wall < self.since(now.wall)
        return None if is_over else self.window.take(began, amount)

    def since(self, wall: datetime) -> datetime:
        """When the window began that holds this moment."""
        if self.period is None:
            return wall - timedelta(seconds=MINUTE_S)
        return window_start(self.period, wall)

    def remaining(self, now: Now) -> int:
        return max(0, self.limit - self.window.total(now))

    def left(self, now: Now) -> Left:
        return Left(
            limit=self.limit,
            used=self.window.total(now),
            remaining=self.remaining(now),
            held=self.window.held(now),
            reset_s=self.window.whole_in_s(now),
        )

    def check(self, now: Now, amount: int, subject: str) -> None:
        """Raises RateLimited or BudgetExhausted when the amount does not fit."""
        remaining = self.remaining(now)
        if amount <= remaining:
            return
        if self.meter == "nusd":
            self._refuse_money(now, amount, self.left(now), subject)
        message = f"The {subject} may use {self.limit} {self.field.replace('_per_', ' a ')}"
        if amount > self.limit:
            raise RateLimited(f"{message}, and the call may use {amount}.", should_retry=False)
        wait_s = max(self.window.free_in_s(now, amount, self.limit), 1.0)
        message = f"{message}: {remaining} are left, and the call may use {amount}."
        if wait_s <= MINUTE_S:
            raise RateLimited(message, retry_after_s=wait_s)
        # An SDK takes no Retry-After of more than a minute, and would try again within seconds.
        again = f"{message} The day ends at {_iso(now.wall + timedelta(seconds=wait_s))}."
        raise RateLimited(again, retry_after_s=wait_s, should_retry=False)

    def _refuse_money(self, now: Now, amount: int, left: Left, subject: str) -> NoReturn:
        assert self.period is not None
        message = (
            f"The {subject} may spend {usd(self.limit)} USD {_PER[self.period]}: {usd(left.remaining)} USD are left"
        )
        asked = f"the call may cost {usd(amount)} USD"
        if amount <= left.remaining + left.held:
            held = f"{message}, {usd(left.held)} USD are held for calls under way, and {asked}."
            raise BudgetExhausted(held, retry_after_s=HELD_RETRY_S, should_retry=True)
        message = f"{message}, and {asked}."
        end = window_end(self.period, now.wall)
        if end is None or amount > self.limit:
            raise BudgetExhausted(message)
        wait_s = (end - now.wall).total_seconds()
        raise BudgetExhausted(f"{message} The budget begins anew at {_iso(end)}.", retry_after_s=wait_s)


_METERS: dict[str, Meter] = {"requests": "requests", "tokens": "tokens", **dict.fromkeys(PERIODS, "nusd")}
_PERIODS: dict[str, Period] = {
    "requests_per_day": "day",
    "tokens_per_day": "day",
    **{f"{period}_nusd": period for period in PERIODS},
}
_PER: dict[Period, str] = {"day": "a day", "week": "a week", "month": "a month", "total": "in total"}


def _iso(wall: datetime) -> str:
    return wall.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


class Gate:
    """One rule at work."""

    __slots__ = ("bounds", "rule", "running")

    def __init__(self, rule: Rule, now: Now) -> None:
        self.running = 0
        self.bounds: list[Bound] = []
        self.change(rule, now)

    def change(self, rule: Rule, now: Now) -> None:
        """Follow another version of the rule; what was taken stays taken."""
        self.rule = rule
        known = {bound.field: bound for bound in self.bounds}
        self.bounds = []
        for field, limit in rule.bounds.items():
            if field != "concurrency":
                bound = known.get(field) or Bound(field, limit, now)
                bound.limit = limit
                self.bounds.append(bound)

    @property
    def subject(self) -> str:
        return "key" if self.rule.subject == "key" else f"{self.rule.subject} {self.rule.subject_id}"

    def seed(self, now: Now, used: Callable[[datetime], Mapping[Meter, int]]) -> None:
        """Let each bound that is new begin with what was used since its window began, as `used(since)` tells."""
        for bound in self.bounds:
            if bound.seeded:
                continue
            amount = used(bound.since(now.wall))[bound.meter]
            bound.seeded = True
            bound.window.correct(bound.window.take(now, amount), amount)

    def check(self, now: Now, ask: Ask) -> None:
        """Raises RateLimited or BudgetExhausted."""
        most = self.rule.concurrency
        if most is not None and self.running >= most:
            message = f"The {self.subject} may have {most} calls under way at a time."
            raise RateLimited(message, retry_after_s=HELD_RETRY_S)
        for bound in self.bounds:
            bound.check(now, _amount(ask, bound.meter), self.subject)


class Admission:
    """What a call has taken of the gates it went through, until it ends."""

    __slots__ = ("_ask", "_began", "_gates", "_taken")

    def __init__(self, gates: Sequence[Gate], ask: Ask, now: Now) -> None:
        self._ask = ask
        self._began = now
        self._gates = list(gates)
        self._taken = [
            (bound, bound.window.take(now, _amount(ask, bound.meter))) for gate in gates for bound in gate.bounds
        ]
        for gate in gates:
            gate.running += 1

    def join(self, gates: Sequence[Gate], now: Now) -> None:
        """Take the same of gates and bounds that there were not yet when the call began."""
        known = {bound for bound, _ in self._taken}
        for gate in gates:
            if gate not in self._gates:
                self._gates.append(gate)
                gate.running += 1
            for bound in gate.bounds:
                if bound not in known and (taken := bound.join(self._began, now, _amount(self._ask, bound.meter))):
                    self._taken.append((bound, taken))

    def correct(self, used: Ask) -> None:
        """The call has ended and this is what it has used. Only the first time counts."""
        for gate in self._gates:
            gate.running -= 1
        for bound, taken in self._taken:
            bound.window.correct(taken, _amount(used, bound.meter))
        self._gates, self._taken = [], []


Subjects = Sequence[tuple[SubjectKind, str]]


class Limiter:
    """All rules at work, found by subject, and all calls under way: rules that come later count them as well."""

    def __init__(self, rules: Iterable[Rule], now: Now) -> None:
        self._under_way: dict[Admission, tuple[Subjects, str]] = {}
        self._gates: dict[tuple[SubjectKind, str], list[Gate]] = {}
        self.change(rules, now)

    def change(self, rules: Iterable[Rule], now: Now) -> list[Gate]:
        """Follow other rules; the gates that are to be seeded, since they or bounds of theirs are new."""
        known = {gate.rule.id: gate for gate in self}
        self._gates = {}
        for rule in rules:
            gate = known.get(rule.id)
            if gate is None:
                gate = Gate(rule, now)
            else:
                gate.change(rule, now)
            self._gates.setdefault((rule.subject, rule.subject_id), []).append(gate)
        for admission, way in self._under_way.items():
            admission.join(self.gates(*way), now)
        return [gate for gate in self if not all(bound.seeded for bound in gate.bounds)]

    def __iter__(self) -> Iterator[Gate]:
        return (gate for gates in self._gates.values() for gate in gates)

    def gate(self, subject: SubjectKind, subject_id: str, model: str | None = None) -> Gate | None:
        """Of the rule that this subject has over the model, or over all."""
        found = self._gates.get((subject, subject_id), ())
        return next((gate for gate in found if gate.rule.model == model), None)

    def gates(self, subjects: Subjects, model: str) -> list[Gate]:
        """The gates that a call of these subjects to this model goes through."""
        if not self._gates:
            return []
        found = (gate for subject in subjects for gate in self._gates.get(subject, ()))
        return [gate for gate in found if gate.rule.model in (None, model)]

    def admit(self, subjects: Subjects, model: str, ask: Ask, now: Now) -> Admission:
        """As the function. The call is under way until it is dismissed. Raises RateLimited or BudgetExhausted."""
        admission = admit(self.gates(subjects, model), ask, now)
        self._under_way[admission] = (subjects, model)
        return admission

    def dismiss(self, admission: Admission, used: Ask) -> None:
        """The call has ended and this is what it has used."""
        self._under_way.pop(admission, None)
        admission.correct(used)


def admit(gates: Sequence[Gate], ask: Ask, now: Now) -> Admission:
    """Take what the call may use of every gate, or of none: raises RateLimited or BudgetExhausted then."""
    for gate in gates:
        gate.check(now, ask)
    return Admission(gates, ask, now)


def affordable_nusd(gates: Iterable[Gate], now: Now) -> int | None:
    """The least that any budget would leave if no call were under way; None where there is no budget."""
    budgets = (bound for gate in gates for bound in gate.bounds if bound.meter == "nusd")
    return min((budget.remaining(now) + budget.window.held(now) for budget in budgets), default=None)


def tightest(gates: Iterable[Gate], meter: Meter, now: Now) -> Left | None:
    """Of the bounds on one meter, the one of which the least is left."""
    bounds = (bound for gate in gates for bound in gate.bounds if bound.meter == meter)
    found = min(bounds, key=lambda bound: bound.remaining(now), default=None)
    return None if found is None else found.left(now)


def _amount(ask: Ask, meter: Meter) -> int:
    match meter:
        case "requests":
            return 1
        case "tokens":
            return ask.tokens
        case "nusd":
            return ask.nusd
