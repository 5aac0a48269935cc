"""Parameters that several routes take: what is declared of them is what is read."""

from __future__ import annotations

import re

import pytest
from tests.conftest import MakeHub

from entrepot.api.operations import OPERATIONS
from entrepot.api.operations.query import CALLS, WINDOW


@pytest.mark.parametrize("text", ["24h", "7d", "92d", "0d", "x", "1w"])
async def test_a_period_that_fits_its_pattern_is_taken(make_hub: MakeHub, text: str) -> None:
    hub = make_hub()
    answer = await hub.get(f"/v1/usage?period={text}", token=hub.test)
    assert (answer.status == 200) == bool(re.search(WINDOW["period"]["pattern"], text))


@pytest.mark.parametrize("path", ["/v1/usage", "/v1/logs"])
async def test_windows_and_filters_are_those_of_both(make_hub: MakeHub, path: str) -> None:
    hub = make_hub()
    assert {*WINDOW, *CALLS} <= set(OPERATIONS["GET", path].query)
    for name in WINDOW:
        answer = await hub.get(f"{path}?{name}=nonsense", token=hub.test)
        assert (answer.status, answer.error["code"]) == (400, "invalid_value")
