from __future__ import annotations

import msgspec
import pytest

from entrepot.catalog import ImageTiles, Model
from entrepot.catalog.records import ImageTokens


def test_names_are_the_id_and_the_aliases() -> None:
    assert Model(id="a", name="A", aliases=("b", "c")).names == ("a", "b", "c")


def test_the_method_decides_the_image_rule() -> None:
    rule = msgspec.convert({"method": "tiles", "base_tokens": 85, "tile_tokens": 170}, ImageTokens)
    assert rule == ImageTiles(base_tokens=85, tile_tokens=170, tile_px=512)


def test_records_take_no_unknown_fields() -> None:
    with pytest.raises(msgspec.ValidationError, match="unknown field"):
        msgspec.convert({"id": "a", "colour": 1}, Model)
