"""Pages hold together: links lead somewhere, and every block of code is of a kind that some test reads."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.docs.pages import DOCS, ROOT, Fence, anchors, fences, links, pages

RUN = {"python", "sh", "js"}
READ = {"toml", "json", "text", "ini", "nginx"}
MOST_NOT_RUN = 8

ALL_FENCES = [fence for page in pages() for fence in fences(page)]


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for link in links(page):
        target, _, anchor = link.partition("#")
        path = (page.parent / target).resolve() if target else page
        if not link.startswith("https://") and not (path.exists() and (not anchor or anchor in anchors(path))):
            broken.append(link)
    assert broken == []


def test_every_page_is_in_the_index() -> None:
    index = DOCS / "README.md"
    named = {(DOCS / link).resolve() for link in links(index)}
    assert {page for page in pages() if DOCS in page.parents} - {index} - named == set()


@pytest.mark.parametrize("fence", ALL_FENCES, ids=lambda fence: fence.name)
def test_code_says_in_which_language_it_is(fence: Fence) -> None:
    assert fence.language in RUN | READ
    assert fence.comment in ("", "prints") or fence.comment.startswith("not run: ")


def test_what_is_not_run_has_a_reason_and_is_little() -> None:
    left_out = [fence for fence in ALL_FENCES if fence.comment.startswith("not run:")]
    assert {fence.language for fence in left_out} <= RUN
    assert len(left_out) <= MOST_NOT_RUN
