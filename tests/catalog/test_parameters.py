from __future__ import annotations

import pytest

from entrepot.catalog.parameters import CHAT, EMBEDDING, PARAMETERS, REQUIRED
from entrepot.catalog.records import Feature, Kind


@pytest.mark.parametrize(
    ("name", "minimum", "maximum"),
    [
        ("temperature", 0, 2),
        ("top_p", 0, 1),
        ("n", 1, 128),
        ("top_logprobs", 0, 20),
        ("frequency_penalty", -2, 2),
        ("presence_penalty", -2, 2),
        ("seed", -(2**63), 2**63 - 1),
    ],
)
def test_bounds_are_those_of_openais_specification(name: str, minimum: int, maximum: int) -> None:
    assert (CHAT[name].schema["minimum"], CHAT[name].schema["maximum"]) == (minimum, maximum)


def test_counts_are_bounded_as_openais_are() -> None:
    limits = {name: parameter.schema.get("maxItems") for name, parameter in (CHAT | EMBEDDING).items()}
    assert (limits["stop"], limits["tools"], limits["input"]) == (4, 128, 2048)


def test_every_optional_field_may_be_null() -> None:
    for kind, table in PARAMETERS.items():
        for name, parameter in table.items():
            assert ("null" in parameter.schema["type"]) == (name not in REQUIRED[kind]), name
            assert None in parameter.schema.get("enum", [None]), name


def test_only_known_features_unlock_fields() -> None:
    unlocking = {feature for parameter in CHAT.values() for feature in parameter.features}
    assert unlocking <= set(Feature.__args__)  # type: ignore[attr-defined]
    assert set(PARAMETERS) == set(Kind.__args__)  # type: ignore[attr-defined]
