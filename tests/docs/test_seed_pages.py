"""The table of other hubs' elements names what there is: fields of the records, sections of the page, addresses."""

from __future__ import annotations

import re

import pytest
from tests.docs.pages import REFERENCE, ROOT, Row, coded, table

from entrepot.api import browser
from entrepot.api.routes import routes
from entrepot.pages.records import Card, ModelPage

PAGE = REFERENCE / "seed-pages.md"
HUBS = {"O", "A", "T", "M"}
FIELDS = {*ModelPage.__struct_fields__, *Card.__struct_fields__}
SECTIONS = set(
    re.findall(r'\bid: "(\w+)"', (ROOT / "web" / "src" / "models" / "page" / "sections.ts").read_text("utf-8"))
)
SCREENS = {*browser.SCREENS, *(f"/models/{name}" for name in browser.BESIDE_MODELS)}
ADDRESSES = {route.path.replace(":path", "") for route in routes()} | SCREENS

COMPARED = [row for heading in ("Names and text", "Figures", "Calling it", "Around it") for row in table(PAGE, heading)]
ALL = [*COMPARED, *table(PAGE, "Only here")]


@pytest.mark.parametrize("row", ALL, ids=lambda row: row[0])
def test_what_is_named_is_there(row: Row) -> None:
    named = coded(row[-1])
    for each in named:
        if each.startswith("#"):
            assert each[1:] in SECTIONS
        elif each.startswith("/console/"):
            assert "/console/{path:path}" in browser.SCREENS
        else:
            assert each in (ADDRESSES if each.startswith("/") else FIELDS)
    assert named


def test_every_element_says_whose_it_is() -> None:
    assert {hub for row in COMPARED for hub in row[1].split()} == HUBS
    assert all(set(row[1].split()) <= HUBS for row in COMPARED)


def test_every_section_of_the_page_is_named() -> None:
    assert {each[1:] for row in ALL for each in coded(row[-1]) if each.startswith("#")} == SECTIONS
