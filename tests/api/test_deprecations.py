"""The feed of deprecations."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from tests.conftest import MakeHub

from entrepot import catalog

PATH = "/v1/models/deprecations"


def gone(id: str, status: str, **days: Any) -> dict[str, Any]:
    return {"id": id, "lifecycle": {"status": status, **days}}


LEAVING: dict[str, Any] = {
    "models": [
        gone("later", "deprecated", deprecated_at=date(2031, 1, 1), shutdown_at=date(2032, 1, 1)),
        gone("sooner", "deprecated", deprecated_at=date(2030, 1, 1), shutdown_at=date(2031, 1, 1), replaced_by="later"),
        gone("undated", "shut_down"),
    ]
}
BUILT_IN = {
    id: model.lifecycle
    for id, model in catalog.load().models.items()
    if model.lifecycle.status in ("deprecated", "shut_down")
}
UNDATED = {"undated"} | {id for id, lifecycle in BUILT_IN.items() if lifecycle.deprecated_at is None}
GONE = {"undated"} | {id for id, lifecycle in BUILT_IN.items() if lifecycle.status == "shut_down"}


async def test_the_next_to_go_comes_first_and_the_rest_is_the_catalogues(make_hub: MakeHub) -> None:
    hub = make_hub(LEAVING)
    feed = (await hub.get(PATH)).json
    assert feed["generated_at"].endswith("Z")
    ids = [each["id"] for each in feed["data"]]
    assert set(ids) == set(BUILT_IN) | {"later", "sooner", "undated"}
    assert ids[-3:] == ["sooner", "later", "undated"]
    assert feed["data"][-3] == {
        "object": "deprecation",
        "id": "sooner",
        "aliases": [],
        "status": "deprecated",
        "deprecated_at": "2030-01-01",
        "shutdown_at": "2031-01-01",
        "replaced_by": "later",
        "note": None,
        "source": None,
    }


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("status=shut_down", GONE),
        ("since=2030-06-01", {"later"} | UNDATED),
        ("status=nonsense&since=2029-01-01", {"later", "sooner"} | UNDATED),
        ("status=nonsense&since=yesterday", set(BUILT_IN) | {"later", "sooner", "undated"}),
    ],
)
async def test_it_can_be_narrowed(make_hub: MakeHub, query: str, expected: set[str]) -> None:
    hub = make_hub(LEAVING)
    assert {each["id"] for each in (await hub.get(f"{PATH}?{query}")).json["data"]} == expected


async def test_the_tag_is_made_of_the_data_alone(make_hub: MakeHub) -> None:
    hub = make_hub(LEAVING)
    first = await hub.get(PATH)
    assert first.headers["cache-control"] == "public, max-age=300"
    again = await hub.get(PATH, if_none_match=first.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    assert (await make_hub().get(PATH)).headers["etag"] != first.headers["etag"]
