"""Which form `accept` asks for."""

from __future__ import annotations

import pytest

from entrepot.api.accepting import HTML, JSON, MARKDOWN, preferred

CHROMIUM = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("", None),
        ("*/*", None),
        ("text/*", None),
        (CHROMIUM, HTML),
        ("TEXT/HTML ; charset=utf-8", HTML),
        ("application/json, text/plain, */*", JSON),
        ("text/html, application/json", JSON),
        ("text/html, application/json;q=0.9", HTML),
        ("text/markdown, text/html, */*", MARKDOWN),
        ("text/markdown;q=0.2, text/html;q=0.3", HTML),
        ("text/html;q=0, */*", None),
        ("text/html;q=much", None),
        (",;,", None),
    ],
)
def test_the_form_is_the_one_that_is_named_with_the_greatest_weight(accept: str, form: str | None) -> None:
    assert preferred(accept, (MARKDOWN, JSON, HTML)) == form
