"""Statements as pages: everything in them is text, and only their own style applies."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

from tests.statements.test_records import made

from entrepot.statements import page

VOID = {"meta", "br"}


class Reader(HTMLParser):
    """Elements as they open, and whether each is closed in its turn."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert not [name for name, _ in attrs if name.startswith("on") or name in ("src", "href", "style")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_it_is_whole_and_holds_no_foreign_element() -> None:
    reader = Reader(page.write(made()))
    assert reader.open == []
    assert not {"script", "img", "b", "link", "iframe"} & set(reader.tags)
    assert reader.tags.count("table") == 3


def test_hostile_text_is_shown_as_it_is() -> None:
    text = page.write(made())
    for shown in ("A &amp; &lt;B&gt;", "&lt;b&gt;m&lt;/b&gt;", "&lt;img src=x&gt;"):
        assert shown in text


def test_its_policy_allows_its_style_and_nothing_else() -> None:
    (style,) = re.findall("<style>(.*?)</style>", page.write(made()), re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in page.POLICY
    assert page.POLICY.startswith("default-src 'none'; ")
    assert "@media print" in style


def test_sums_and_units_are_there() -> None:
    text = page.write(made())
    for shown in ("0.749999994", "-0.000000005", "2,000", "cached input", "The month is not over"):
        assert shown in text
    empty = page.write(made(movements=(), usage=(), made_at_ms=1 << 42))
    assert empty.count("None.") == 2
    assert "not over" not in empty
