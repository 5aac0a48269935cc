"""The documentation as data: the code fences, tables, headings and links of a page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
REFERENCE = DOCS / "reference"

_COMMENT = re.compile(r"<!-- (.+) -->")
_FENCE = re.compile(r"(?P<mark>`{3,})(?P<language>\w*)\n(?P<text>.*?)\n(?P=mark)\n", re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")

Row = tuple[str, ...]


class Fence(NamedTuple):
    """A block of code, with the comment on the line before it."""

    page: Path
    line: int
    language: str
    text: str
    comment: str

    @property
    def name(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def pages() -> list[Path]:
    """What is written for users; decision notes and the bench have readers of their own."""
    here = [path for path in DOCS.rglob("*.md") if "decisions" not in path.parts]
    return [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(here)]


def fences(page: Path) -> Iterator[Fence]:
    text = page.read_text("utf-8")
    for found in _FENCE.finditer(text):
        before = text[: found.start()].splitlines()
        comment = _COMMENT.fullmatch(before[-1])
        yield Fence(page, len(before) + 1, found["language"], found["text"], comment[1] if comment else "")


def prose(page: Path) -> str:
    """A page without its code blocks."""
    return _FENCE.sub("", page.read_text("utf-8"))


def links(page: Path) -> list[str]:
    return _LINK.findall(prose(page))


def headings(page: Path) -> list[str]:
    return re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)


def anchors(page: Path) -> set[str]:
    """The fragments that headings can be reached by, as code hosts make them."""
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings(page)}


def table(page: Path, heading: str, number: int = 0) -> list[Row]:
    """The cells of a table below a heading, without its header."""
    section = re.split(rf"^#+ {re.escape(heading)}$", prose(page), flags=re.MULTILINE)[1]
    section = re.split(r"^#+ ", section, flags=re.MULTILINE)[0]
    blocks = re.findall(r"(?:^\|.*\n)+", section, re.MULTILINE)
    return [tuple(cell.strip() for cell in line.strip("| ").split(" | ")) for line in blocks[number].splitlines()[2:]]


def coded(cell: str) -> list[str]:
    """The words set as code in a cell."""
    return re.findall(r"`([^`]+)`", cell)


def first_words(rows: list[Row]) -> list[str]:
    """All words set as code in the first column."""
    return [word for row in rows for word in coded(row[0])]
