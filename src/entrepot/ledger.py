"""The journal of money: entries whose postings add up to zero. Pure: no store, no clock.

An entry is one row, and each of its `_nusd` fields a posting to one account:

    wallet      what an organisation has, below zero what it owes
    reserved    what its calls under way may cost
    revenue     what calls have been charged
    cost        what providers charge for them, and `payable`, what they are owed for it
    grants      what the house has given away: grants, vouchers, and what calls of the free tier have cost it
    funding     what has been paid in from outside
    losses      what a crash has cost the house

Money goes out of an account below zero: a top-up of a dollar is wallet +1, funding -1. Entries are never changed
or deleted; a correction is another entry. An exchange reserves, perhaps more than once, and has at most one entry that
closes it. What a provider bills for an attempt that nobody is charged for is an entry of its own: one that failed, or
one for which nothing was held, since its model is free or its price unknown.
"""

from __future__ import annotations

from typing import Literal, get_args

import msgspec

Step = Literal["reserve", "attempt", "settle", "void", "expire", "recover"]
"""What happens to one exchange's money: held, then charged in whole or part, or given back; `attempt` is owed only."""

Movement = Literal["topup", "grant", "voucher", "refund", "correction"]
"""What moves money without an exchange."""

Kind = Step | Movement
CLOSING: tuple[Kind, ...] = ("settle", "void", "expire", "recover")
MOVEMENTS: tuple[Movement, ...] = get_args(Movement)
ACCOUNTS = ("wallet", "reserved", "revenue", "cost", "payable", "grants", "funding", "losses")

_SOURCES: dict[Movement, Literal["funding", "grants", "revenue"]] = {
    "topup": "funding",
    "grant": "grants",
    "voucher": "grants",
    "refund": "revenue",
    "correction": "revenue",
}


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry. Amounts are nano-USD; `reference` is the exchange's request id, or names the movement.

    `actor` is who moved the money by hand, `provider` whom the house owes for an exchange.
    """

    kind: Kind
    reference: str
    at_ms: int
    organisation_id: str
    provider: str | None = None
    wallet_nusd: int = 0
    reserved_nusd: int = 0
    revenue_nusd: int = 0
    cost_nusd: int = 0
    payable_nusd: int = 0
    grants_nusd: int = 0
    funding_nusd: int = 0
    losses_nusd: int = 0
    actor: str | None = None
    note: str | None = None

    def __post_init__(self) -> None:
        posted_nusd = self.wallet_nusd + self.reserved_nusd + self.revenue_nusd + self.cost_nusd
        if posted_nusd + self.payable_nusd + self.grants_nusd + self.funding_nusd + self.losses_nusd != 0:
            raise ValueError(f"the postings of {self.reference} do not add up to zero: {self.postings}")

    @property
    def postings(self) -> dict[str, int]:
        """The amount posted to each account, zero where none is."""
        return {account: getattr(self, f"{account}_nusd") for account in ACCOUNTS}


class Reservation(msgspec.Struct, frozen=True, kw_only=True):
    """Money held for one exchange that is under way."""

    reference: str
    at_ms: int
    organisation_id: str
    amount_nusd: int


class Debt(msgspec.Struct, frozen=True):
    """What the house owes a provider for one exchange."""

    provider: str
    amount_nusd: int


def reserve(reservation: Reservation) -> Entry:
    """Hold the money. Raises ValueError for an amount below zero."""
    if reservation.amount_nusd < 0:
        raise ValueError(f"a reservation of {reservation.amount_nusd} nusd")
    return Entry(
        kind="reserve",
        reference=reservation.reference,
        at_ms=reservation.at_ms,
        organisation_id=reservation.organisation_id,
        wallet_nusd=-reservation.amount_nusd,
        reserved_nusd=reservation.amount_nusd,
    )


def attempt(reference: str, organisation_id: str, debt: Debt, *, at_ms: int) -> Entry:
    """What a provider bills for an attempt that nobody is charged for. Raises ValueError for a debt below zero."""
    if debt.amount_nusd < 0:
        raise ValueError(f"a debt of {debt.amount_nusd} nusd")
    return Entry(
        kind="attempt",
        reference=reference,
        at_ms=at_ms,
        organisation_id=organisation_id,
        provider=debt.provider,
        cost_nusd=-debt.amount_nusd,
        payable_nusd=debt.amount_nusd,
    )


def settle(
    reservation: Reservation, charge_nusd: int, *, at_ms: int, debt: Debt | None = None, free: bool = False
) -> Entry:
    """Charge part or all of what is held and give the rest back. What a free call costs the house, it grants.

    Raises ValueError for a charge below zero or above the reservation.
    """
    entry = _close("settle", reservation, charge_nusd, at_ms, debt)
    return msgspec.structs.replace(entry, cost_nusd=0, grants_nusd=entry.cost_nusd) if free else entry


def void(reservation: Reservation, *, at_ms: int, debt: Debt | None = None) -> Entry:
    """Give back all that is held; what a failed call has cost all the same, the house owes."""
    return _close("void", reservation, 0, at_ms, debt)


def expire(reservation: Reservation, *, at_ms: int) -> Entry:
    """Give back what an exchange that never ended holds."""
    return _close("expire", reservation, 0, at_ms, None)


def recover(reservation: Reservation, charge_nusd: int, *, at_ms: int, debt: Debt | None = None) -> Entry:
    """Close an exchange that a crash cut off: charged for what is known to be delivered.

    What is owed beyond the charge is the house's loss.
    """
    entry = _close("recover", reservation, charge_nusd, at_ms, debt)
    loss_nusd = max(0, entry.payable_nusd - charge_nusd)
    return msgspec.structs.replace(entry, cost_nusd=entry.cost_nusd + loss_nusd, losses_nusd=-loss_nusd)


def move(
    kind: Movement,
    reference: str,
    organisation_id: str,
    amount_nusd: int,
    *,
    at_ms: int,
    actor: str | None = None,
    note: str | None = None,
) -> Entry:
    """Money into a wallet, or out of it where the amount is below zero, from the account that its kind names."""
    source = _SOURCES[kind]
    return Entry(
        kind=kind,
        reference=reference,
        at_ms=at_ms,
        organisation_id=organisation_id,
        wallet_nusd=amount_nusd,
        funding_nusd=-amount_nusd if source == "funding" else 0,
        grants_nusd=-amount_nusd if source == "grants" else 0,
        revenue_nusd=-amount_nusd if source == "revenue" else 0,
        actor=actor,
        note=note,
    )


def _close(kind: Step, reservation: Reservation, charge_nusd: int, at_ms: int, debt: Debt | None) -> Entry:
    held_nusd = reservation.amount_nusd
    if not 0 <= charge_nusd <= held_nusd:
        raise ValueError(f"a charge of {charge_nusd} nusd on a reservation of {held_nusd}")
    owed_nusd = debt.amount_nusd if debt else 0
    if owed_nusd < 0:
        raise ValueError(f"a debt of {owed_nusd} nusd")
    return Entry(
        kind=kind,
        reference=reservation.reference,
        at_ms=at_ms,
        organisation_id=reservation.organisation_id,
        provider=debt.provider if debt else None,
        wallet_nusd=held_nusd - charge_nusd,
        reserved_nusd=-held_nusd,
        revenue_nusd=charge_nusd,
        cost_nusd=-owed_nusd,
        payable_nusd=owed_nusd,
    )
