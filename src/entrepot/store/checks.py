"""Whether the ledger holds: every sum is made anew, and compared with everything that says the same."""

from __future__ import annotations

from typing import Literal

import msgspec

from entrepot.store.queries import Run

Check = Literal[
    "unbalanced_entries",
    "missing_entries",
    "closed_twice",
    "wrongly_held",
    "wrong_balances",
    "wrong_charges",
    "wrong_charges_of_organisations",
    "wrong_debts",
    "wrong_debts_of_organisations",
    "wrong_lines",
    "wrong_vouchers",
    "open_references",
]
CHECKS: dict[Check, str] = {
    "unbalanced_entries": "The postings of each entry add up to zero",
    "missing_entries": "No entry is missing",
    "closed_twice": "Each reservation is closed at most once",
    "wrongly_held": "What is held is held for the calls under way, and for no other",
    "wrong_balances": "The balances written down are the sums of their entries",
    "wrong_charges": "Each call was charged what its record says",
    "wrong_charges_of_organisations": "So were all calls of each organisation together",
    "wrong_debts": "For each call the house owes what its record says",
    "wrong_debts_of_organisations": "So it does for all calls of each organisation together",
    "wrong_lines": "The lines of each charge add up to it",
    "wrong_vouchers": "Each redeemed voucher was booked once, with its amount",
    "open_references": "No call is open where no hub is running",
}
"""What each check holds to be true. The query of the same name finds what contradicts it."""


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One contradiction: about which exchange, organisation or entry, what it should be, and what it is."""

    check: Check
    subject: str
    expected: int
    found: int


def differences(run: Run, *, running: bool) -> list[Difference]:
    """All there are; none in a ledger that holds. `running` says that a hub has the home: its calls may be open."""
    return [
        Difference(
            check=check,
            subject=str(row.get("reference") or row.get("organisation_id") or row.get("seq") or "ledger"),
            expected=row.get("expected", 1 if check == "closed_twice" else 0),
            found=row["found"],
        )
        for check in CHECKS
        if not (running and check == "open_references")
        for row in run(check, {})
    ]
