"""Hubs where calls cost money, and what their ledgers say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.support.running import RunningHub, tables
from tests.support.stored import move, put_rule, set_terms

from entrepot import ledger
from entrepot.ledger import Entry
from entrepot.rules import Rule
from entrepot.store import checks
from entrepot.wallets import Terms

SELL = {"input": "1000", "output": "2000"}  # a tenth and a fifth of a cent for each token
BUY = {"input": "500", "output": "1000"}
USAGE = {"prompt_tokens": 11, "completion_tokens": 7}
TOKEN_NUSD = 1_000_000
CHARGE_NUSD = (11 + 2 * 7) * TOKEN_NUSD
CHARGE_USD = "0.025"
DEBT_NUSD = CHARGE_NUSD // 2


def held_nusd(max_tokens: int) -> int:
    """What `ask` holds with that bound: its nine tokens and the answer's."""
    return (9 + 2 * max_tokens) * TOKEN_NUSD


def priced(*base_urls: str, **model: Any) -> dict[str, Any]:
    """Operator's tables where `harbour` has a price, and each of its offers half of that."""
    catalogue = tables(*base_urls, price=SELL, **{"max_output_tokens": 1000} | model)
    for offer in catalogue["models"][0]["offers"]:
        offer["price"] = BUY
    return catalogue


def treasurer(hub: RunningHub) -> str:
    """A management key of the house."""
    return hub.key(scopes=("inference", "usage", "management"))


def differences(hub: RunningHub) -> list[checks.Difference]:
    """What is wrong with the ledger of a hub at rest: nothing, if all is well."""
    return hub.home.store.report(lambda run: checks.differences(run, running=False))


def entries(hub: RunningHub) -> list[Entry]:
    """The ledger, oldest first."""
    return hub.home.store.journal.entries()


def kinds(found: Sequence[Entry]) -> list[str]:
    return [entry.kind for entry in found]


async def grant(hub: RunningHub, amount_nusd: int, **terms: Any) -> None:
    """Make the organisation prepaid and give it that much."""
    store, organisation_id = hub.home.store, hub.home.owner.organisation_id
    set_terms(store, organisation_id, Terms(**{"payment": "prepaid"} | terms))
    move(store, ledger.move("grant", f"grant_{amount_nusd}", organisation_id, amount_nusd, at_ms=1))
    hub.hub.books.refresh()


def rule(hub: RunningHub, **bounds: Any) -> None:
    """Bound the hub's live key."""
    key_id = hub.hub.keys.authenticate(hub.live, 0).id
    put_rule(hub.home.store, Rule(id="rule_1", subject="key", subject_id=key_id, **bounds))
    hub.hub.books.refresh()


def balance_nusd(hub: RunningHub) -> int:
    """The organisation's wallet, which memory and ledger agree on; nothing is held."""
    balance = hub.hub.books.wallets.balance(hub.home.owner.organisation_id)
    assert balance.reserved_nusd == 0
    assert balance.wallet_nusd == sum(entry.wallet_nusd for entry in entries(hub))
    return balance.wallet_nusd
