"""Hubs where calls cost money, and what their ledgers say."""

from __future__ import annotations

from typing import Any

from tests.support.running import RunningHub, tables

from entrepot.store import checks

SELL = {"input": "1000", "output": "2000"}  # a tenth and a fifth of a cent for each token
BUY = {"input": "500", "output": "1000"}
USAGE = {"prompt_tokens": 11, "completion_tokens": 7}
CHARGE_NUSD = (11 + 2 * 7) * 1_000_000
CHARGE_USD = "0.025"


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
