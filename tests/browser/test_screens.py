"""The list of screens is whole, and the README shows pictures that are there."""

from __future__ import annotations

import re

import pytest
from tests.browser.screens import ROOT, SCREENS, leads_to, routes

LARGEST_BYTES = 200_000
ROUTES = sorted(routes())
IMAGES = re.findall(r"!\[([^\]]*)\]\((docs/images/[^)]+)\)", (ROOT / "README.md").read_text("utf-8"))


def test_routes_are_found() -> None:
    assert {"/", "/models/*", "/workbench", "/console", "/console/logs/:id", "/console/keys"} <= set(ROUTES)


@pytest.mark.parametrize("route", ROUTES)
def test_every_route_has_a_screen(route: str) -> None:
    literal = {each for each in ROUTES if each != route and not set(":*") & set(each)}
    found = [
        screen.name
        for screen in SCREENS
        if leads_to(route, screen.address) and not any(leads_to(each, screen.address) for each in literal)
    ]
    assert found, f"no screen in tests/browser/screens.py leads to {route}"


@pytest.mark.parametrize(
    ("route", "address", "leads"),
    [
        ("/console/logs/:id", "/console/logs/{call}?x=1", True),
        ("/console/logs/:id", "/console/logs", False),
        ("/console/statements/:month?", "/console/statements", True),
        ("/console/statements/:month?", "/console/statements/2026-10", True),
        ("/models/*", "/models/a/b", True),
        ("/models/*", "/models", False),
        ("/welcome", "/welcome#token", True),
    ],
)
def test_routes_are_told_apart(route: str, address: str, leads: bool) -> None:
    assert leads_to(route, address) is leads


def test_names_are_unique() -> None:
    assert len({screen.name for screen in SCREENS}) == len(SCREENS)


def test_the_readme_shows_what_is_taken() -> None:
    assert {path for _, path in IMAGES} == {f"docs/images/{screen.image}" for screen in SCREENS if screen.image}


@pytest.mark.parametrize(("alternative", "path"), IMAGES)
def test_a_picture_is_there_small_and_described(alternative: str, path: str) -> None:
    assert len(alternative) > 20
    assert 1000 < (ROOT / path).stat().st_size < LARGEST_BYTES
