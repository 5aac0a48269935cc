"""The records of models are what is shown of each model of the catalogue, field by field."""

from __future__ import annotations

import msgspec
import pytest

from entrepot import catalog
from entrepot.api.answers.models import Model, ModelInfo, Pricing
from entrepot.catalog.objects import PRICING

CATALOGUE = catalog.load()


@pytest.mark.parametrize("model", CATALOGUE.models.values(), ids=list(CATALOGUE.models))
def test_a_model_is_what_is_shown(model: catalog.Model) -> None:
    shown = msgspec.json.decode(msgspec.json.encode(catalog.model_object(model, with_schema=True)))
    assert msgspec.json.decode(msgspec.json.encode(msgspec.convert(shown, Model))) == shown
    info = msgspec.json.decode(msgspec.json.encode(catalog.model_info(model)))
    assert msgspec.json.decode(msgspec.json.encode(msgspec.convert(info, ModelInfo))) == info


def test_every_rate_has_its_field() -> None:
    assert {*Pricing.__struct_fields__} == {*PRICING}
