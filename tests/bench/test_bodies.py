"""The bodies have the sizes and fields that the measurements rest on."""

from __future__ import annotations

import msgspec
import pytest
from bench.bodies import image_body, plain_body, stream_body
from bench.dialects import CHAT, RESPONSES, Dialect
from bench.upstream import PACE_ASKED, STREAM_ASKED


@pytest.mark.parametrize("dialect", [CHAT, RESPONSES])
@pytest.mark.parametrize("model", ["m", "bench/fixed"])
def test_a_plain_body_has_its_size_whatever_the_models_name(model: str, dialect: Dialect) -> None:
    body = plain_body(model, dialect)
    assert len(body) == 256
    assert msgspec.json.decode(body)["model"] == model


def test_a_stream_body_asks_the_upstream_for_its_pace() -> None:
    body = stream_body("m", 3, 20)
    pace = PACE_ASKED.search(body)
    assert STREAM_ASKED.search(body)
    assert pace
    assert pace.groups() == (b"3", b"20")


def test_an_image_body_is_as_large_as_asked_and_valid_json() -> None:
    body = image_body("m", 1_000_000)
    assert 1_000_000 <= len(body) < 1_001_000
    assert msgspec.json.decode(body)["messages"][0]["content"][1]["image_url"]["url"].startswith("data:image/png")
