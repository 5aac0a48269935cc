"""The wallets in memory: what each organisation can still spend, decided at once and without a store. Pure.

The store's ledger is the truth; these are its sums, kept up with every entry that is posted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from entrepot.errors import InsufficientFunds
from entrepot.ledger import Entry
from entrepot.money import usd

Payment = Literal["prepaid", "postpaid"]
HELD_RETRY_S = 1.0  # when what others hold is in the way, it may be given back any moment


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """How an organisation pays: a prepaid wallet never goes below zero, a postpaid one never below `-credit_nusd`.

    No `credit_nusd` leaves a postpaid wallet without bound.
    """

    payment: Payment = "postpaid"
    credit_nusd: int | None = None

    @property
    def floor_nusd(self) -> int | None:
        """The least that the wallet may hold; None for no bound."""
        if self.payment == "prepaid":
            return 0
        return None if self.credit_nusd is None else -self.credit_nusd


UNBOUNDED = Terms()


class Balance(msgspec.Struct, frozen=True, kw_only=True):
    """`wallet_nusd` can be spent, `reserved_nusd` is held for calls under way; the terms say how far down it may go."""

    wallet_nusd: int
    reserved_nusd: int
    floor_nusd: int | None

    @property
    def available_nusd(self) -> int | None:
        """What can be reserved now; None for no bound."""
        return None if self.floor_nusd is None else max(0, self.wallet_nusd - self.floor_nusd)

    @property
    def total_nusd(self) -> int | None:
        """What could be reserved if no call were under way; None for no bound."""
        return None if self.floor_nusd is None else max(0, self.wallet_nusd + self.reserved_nusd - self.floor_nusd)


class Wallets:
    """Balances by organisation."""

    def __init__(self, balances_nusd: Mapping[str, int], terms: Mapping[str, Terms]) -> None:
        """`balances_nusd` are the sums of the ledger's wallet postings when no call is under way."""
        self.terms = terms
        self._wallet_nusd = defaultdict(int, balances_nusd)
        self._reserved_nusd: dict[str, int] = defaultdict(int)

    def balance(self, organisation_id: str) -> Balance:
        return Balance(
            wallet_nusd=self._wallet_nusd.get(organisation_id, 0),
            reserved_nusd=self._reserved_nusd.get(organisation_id, 0),
            floor_nusd=self.terms.get(organisation_id, UNBOUNDED).floor_nusd,
        )

    def is_bounded(self, organisation_id: str) -> bool:
        terms = self.terms.get(organisation_id)
        return terms is not None and terms.floor_nusd is not None

    def require(self, organisation_id: str, amount_nusd: int) -> None:
        """Raises InsufficientFunds when the wallet cannot bear the amount now."""
        if not self.is_bounded(organisation_id):
            return
        balance = self.balance(organisation_id)
        available_nusd, total_nusd = balance.available_nusd, balance.total_nusd
        if available_nusd is None or total_nusd is None or amount_nusd <= available_nusd:
            return
        message = f"The call may cost {usd(amount_nusd)} USD, and {usd(available_nusd)} USD are left in the wallet"
        if amount_nusd <= total_nusd:
            held = f"{message}: {usd(balance.reserved_nusd)} USD are held for calls under way."
            raise InsufficientFunds(held, retry_after_s=HELD_RETRY_S, should_retry=True)
        raise InsufficientFunds(f"{message}.")

    def post(self, entries: Iterable[Entry]) -> None:
        """Take entries into the balances."""
        for entry in entries:
            self._wallet_nusd[entry.organisation_id] += entry.wallet_nusd
            self._reserved_nusd[entry.organisation_id] += entry.reserved_nusd
