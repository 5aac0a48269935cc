"""The record of a page holds for every model, as data and back."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from entrepot import catalog, tariff
from entrepot.catalog import Model
from entrepot.pages.page import Shelf, make_page
from entrepot.pages.records import ModelPage

CATALOGUE = catalog.load()
SHELF = Shelf(
    catalogue=CATALOGUE,
    tariff=tariff.load({}, CATALOGUE),
    url="http://127.0.0.1:8080",
    at=datetime(2026, 11, 20, tzinfo=UTC),
)


@pytest.mark.parametrize("model", CATALOGUE.models.values(), ids=lambda model: model.id)
def test_a_page_survives_being_sent(model: Model) -> None:
    page = make_page(SHELF, model)
    assert msgspec.json.decode(msgspec.json.encode(page), type=ModelPage) == page
