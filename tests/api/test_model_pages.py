"""Anthropic's list of models: order, filter and pages."""

from __future__ import annotations

from datetime import date

import pytest
from starlette.datastructures import QueryParams

from entrepot.api.model_pages import DEFAULT_LIMIT, page
from entrepot.catalog import Lifecycle, Model
from entrepot.errors import InvalidRequest

MODELS = [Model(id=f"m{day}", aliases=(f"other/m{day}",), released=date(2026, 1, day)) for day in range(1, 31)]
NEWEST_FIRST = [model.id for model in reversed(MODELS)]


def ids(query: str, models: list[Model] = MODELS) -> list[str]:
    return [info["id"] for info in page(models, QueryParams(query))["data"]]


def test_the_newest_come_first_and_the_undated_last() -> None:
    assert ids("limit=1000", [Model(id="undated"), *MODELS]) == [*NEWEST_FIRST, "undated"]


def test_a_page_has_twenty_unless_asked_otherwise() -> None:
    first = page(MODELS, QueryParams(""))
    assert [info["id"] for info in first["data"]] == NEWEST_FIRST[:DEFAULT_LIMIT]
    assert (first["has_more"], first["first_id"], first["last_id"]) == (True, "m30", "m11")


def test_pages_follow_each_other_to_the_end() -> None:
    seen, query = [], "limit=7"
    while True:
        found = page(MODELS, QueryParams(query))
        seen += [info["id"] for info in found["data"]]
        if not found["has_more"]:
            break
        query = f"limit=7&after_id={found['last_id']}"
    assert seen == NEWEST_FIRST


def test_pages_go_back_to_the_beginning() -> None:
    back = page(MODELS, QueryParams("limit=5&before_id=m20"))
    assert [info["id"] for info in back["data"]] == ["m25", "m24", "m23", "m22", "m21"]
    assert back["has_more"]
    start = page(MODELS, QueryParams("limit=5&before_id=m25"))
    assert ([info["id"] for info in start["data"]], start["has_more"]) == (["m30", "m29", "m28", "m27", "m26"], False)


def test_a_cursor_may_be_an_alias_and_the_end_is_empty() -> None:
    end = page(MODELS, QueryParams("after_id=other/m1"))
    assert end == {"data": [], "has_more": False, "first_id": None, "last_id": None}


LEAVING = [
    Model(id="new"),
    Model(id="old", lifecycle=Lifecycle(status="deprecated")),
    Model(id="gone", lifecycle=Lifecycle(status="shut_down")),
    Model(id="vectors", kind="embedding"),
]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["new", "old"]),
        ("lifecycle[]=retired", ["gone"]),
        ("lifecycle=retired", ["gone"]),
        ("lifecycle[]=active&lifecycle[]=retired", ["new", "gone"]),
    ],
)
def test_models_that_are_gone_are_listed_when_asked_for(query: str, expected: list[str]) -> None:
    assert ids(query, LEAVING) == expected


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=-1", "limit"),
        ("limit=ten", "limit"),
        ("limit=", "limit"),
        ("limit=\u0663", "limit"),
        ("limit=" + "9" * 5000, "limit"),
        ("after_id=no-such", "after_id"),
        ("before_id=no-such", "before_id"),
        ("after_id=m1&before_id=m2", "before_id"),
        ("lifecycle[]=sleeping", "lifecycle"),
    ],
)
def test_a_page_that_cannot_be_given_is_refused_by_name(query: str, param: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        page(MODELS, QueryParams(query))
    assert caught.value.param == param
