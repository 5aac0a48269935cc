"""The records of calls against what the store tells."""

from __future__ import annotations

from entrepot.api.answers.calls import UsageGroup, UsageSums
from entrepot.store.records import GROUPED_BY, UsageRow


def test_usage_shows_all_that_the_store_sums_up() -> None:
    sums = {*UsageSums.__struct_fields__} - {"cost_usd"}
    groups = {*UsageGroup.__struct_fields__} - {*UsageSums.__struct_fields__}
    assert groups == {*GROUPED_BY.values()}
    assert sums | groups == {*UsageRow.__struct_fields__} - {"charge_nusd"}
