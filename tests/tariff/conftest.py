"""A small catalogue and tariffs over it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from entrepot import catalog, tariff
from entrepot.catalog import Catalogue
from entrepot.tariff import Tariff

COST = {"input": "2", "output": "2"}
TABLES: dict[str, Any] = {
    "providers": {
        "near": {"base_url": "http://127.0.0.1:1/v1", "auth": "none"},
        "far": {"base_url": "http://127.0.0.1:2/v1", "auth": "none"},
    },
    "models": [
        {
            "id": "harbour",
            "aliases": ["port/harbour"],
            "canonical_slug": "quay/harbour-1",
            "family": "ports",
            "price": {"input": "1", "output": "4"},
            "offers": [
                {"provider": "near", "upstream_model": "h", "price": {"input": "0.8", "output": "3"}},
                {"provider": "far", "upstream_model": "h", "price": {"input": "0.5", "output": "3.5"}},
            ],
        },
        {"id": "at-cost", "offers": [{"provider": "near", "upstream_model": "c", "price": COST}]},
        {"id": "unknown", "offers": [{"provider": "far", "upstream_model": "u"}]},
    ],
}  # fmt: skip

MakeTariff = Callable[..., Tariff]


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return catalog.load(TABLES)


@pytest.fixture
def make_tariff(catalogue: Catalogue) -> MakeTariff:
    def make(*prices: dict[str, Any], **plans: dict[str, Any]) -> Tariff:
        return tariff.load({"prices": list(prices), "plans": plans}, catalogue)

    return make
