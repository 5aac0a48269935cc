"""Rules: what a subject may use at most, as a record, as clients set it, and as it is shown. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from entrepot.money import nusd, usd

SubjectKind = Literal["organisation", "member", "key", "model"]
Period = Literal["day", "week", "month", "total"]
PERIODS: tuple[Period, ...] = ("day", "week", "month", "total")
LIMITS = ("requests_per_minute", "tokens_per_minute", "requests_per_day", "tokens_per_day", "concurrency")
BUDGETS = tuple(f"{period}_nusd" for period in PERIODS)

Count = Annotated[int, Meta(ge=0, le=10**15)]
Usd = Annotated[str, Meta(pattern=r"^[0-9]{1,9}(\.[0-9]{1,9})?\Z")]


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """What one subject may use, of one model or of all; None is no bound. Money is nano-USD."""

    id: str
    subject: SubjectKind
    subject_id: str
    model: str | None = None
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    requests_per_day: int | None = None
    tokens_per_day: int | None = None
    concurrency: int | None = None
    day_nusd: int | None = None
    week_nusd: int | None = None
    month_nusd: int | None = None
    total_nusd: int | None = None

    @property
    def bounds(self) -> dict[str, int]:
        """Those that are set, by the name of their field."""
        amounts = {name: getattr(self, name) for name in (*LIMITS, *BUDGETS)}
        return {name: amount for name, amount in amounts.items() if amount is not None}


class LimitsSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Limits as clients set them: null is no limit, and in a change what is left out stays."""

    requests_per_minute: Count | UnsetType | None = UNSET
    tokens_per_minute: Count | UnsetType | None = UNSET
    requests_per_day: Count | UnsetType | None = UNSET
    tokens_per_day: Count | UnsetType | None = UNSET
    concurrency: Count | UnsetType | None = UNSET


class BudgetSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Budgets as clients set them, in dollars as decimal strings; null and what is left out as in limits."""

    day_usd: Usd | UnsetType | None = UNSET
    week_usd: Usd | UnsetType | None = UNSET
    month_usd: Usd | UnsetType | None = UNSET
    total_usd: Usd | UnsetType | None = UNSET


NO_LIMITS = LimitsSpec(**dict.fromkeys(LimitsSpec.__struct_fields__))
NO_BUDGET = BudgetSpec(**dict.fromkeys(BudgetSpec.__struct_fields__))

Limits = LimitsSpec | None | UnsetType
Budget = BudgetSpec | None | UnsetType


class RuleSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole rule: it takes the place of the one that the subject has for the same model, or for all of them."""

    subject: SubjectKind
    subject_id: Annotated[str, Meta(min_length=1, max_length=256)]
    model: Annotated[str, Meta(min_length=1, max_length=256)] | None = None
    limits: LimitsSpec = LimitsSpec()
    budget: BudgetSpec = BudgetSpec()


def changed(rule: Rule, limits: Limits, budget: Budget) -> Rule:
    """The rule with what is given put in; None takes all limits or all of the budget away."""
    limits = NO_LIMITS if limits is None else limits
    budget = NO_BUDGET if budget is None else budget
    amounts: dict[str, int | None] = {}
    if not isinstance(limits, UnsetType):
        amounts |= {name: amount for name, amount in msgspec.structs.asdict(limits).items() if amount is not UNSET}
    if not isinstance(budget, UnsetType):
        for name, text in msgspec.structs.asdict(budget).items():
            if text is not UNSET:
                amounts[name.replace("_usd", "_nusd")] = None if text is None else nusd(text)
    return msgspec.structs.replace(rule, **amounts)


def bounds_object(rule: Rule | None) -> dict[str, Any]:
    """`limits` and `budget` as clients set them; no rule is none of both."""
    bounds = rule.bounds if rule is not None else {}
    budget = {name.replace("_nusd", "_usd"): usd(bounds.get(name)) for name in BUDGETS}
    return {"limits": {name: bounds.get(name) for name in LIMITS}, "budget": budget}


def rule_object(rule: Rule) -> dict[str, Any]:
    subject = {"subject": rule.subject, "subject_id": rule.subject_id, "model": rule.model}
    return {"id": rule.id, "object": "rule", **subject, **bounds_object(rule)}


def beyond(wanted: Mapping[str, int], bounds: Mapping[str, int]) -> str | None:
    """The first of the bounds that another set does not keep, by having more or none."""
    return next((name for name, amount in bounds.items() if wanted.get(name, amount + 1) > amount), None)
