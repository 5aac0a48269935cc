from __future__ import annotations

from typing import Any

import pytest

from entrepot.catalog import Catalogue, Model, load


def test_models_and_providers_cannot_be_changed() -> None:
    models: Any = load().models
    with pytest.raises(TypeError):
        models["x"] = Model(id="x", name="x")


def test_find_knows_ids_and_aliases() -> None:
    model = Model(id="lab/small", name="Small", aliases=("small",))
    catalogue = Catalogue([model])
    assert catalogue.find("lab/small") is catalogue.find("SMALL") is model
    assert catalogue.find("") is None


def test_schema_and_validator_are_made_once() -> None:
    catalogue = load()
    model = catalogue.models["gpt-4.1"]
    assert catalogue.validator(model) is catalogue.validator(model)
    assert catalogue.schema(model) is catalogue.schema(model)
