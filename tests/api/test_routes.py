"""The table of routes: every row is served, and at its own address nothing else is."""

from __future__ import annotations

import pytest
from starlette.routing import Match

from entrepot.api.permissions import Route
from entrepot.api.routes import APPLICATION, FRAMED, HOT, routes


def served_at(route: Route) -> str | None:
    """The path of the row that a request to an address of `route` comes to."""
    method, path = route
    address = path.replace("{id:path}", "port/harbour").replace("{path:path}", "a/b").replace("{", "").replace("}", "")
    scope = {"type": "http", "method": method, "path": address, "headers": []}
    return next((each.path for each in routes() if each.matches(scope)[0] is Match.FULL), None)


@pytest.mark.parametrize("route", [*FRAMED, *APPLICATION], ids=" ".join)
def test_no_row_stands_in_the_way_of_another(route: Route) -> None:
    assert served_at(route) == route[1]


def test_hot_routes_are_none_of_the_frameworks() -> None:
    assert {served_at(route) for route in HOT} == {None}
