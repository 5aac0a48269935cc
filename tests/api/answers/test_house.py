"""The record of a setting holds whatever a setting can be."""

from __future__ import annotations

import msgspec
import pytest

from entrepot.api.answers.house import Setting
from entrepot.settings import SETTINGS
from entrepot.settings import Setting as Row


@pytest.mark.parametrize("row", SETTINGS, ids=lambda row: row.key)
def test_every_default_has_a_type_that_is_declared(row: Row) -> None:
    types = {field.name: field.type for field in msgspec.structs.fields(Setting)}
    assert msgspec.convert(row.default, types["default"]) == row.default
    assert types["value"] == types["default"]
