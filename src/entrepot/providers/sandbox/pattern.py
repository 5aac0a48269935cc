"""Makes a string that a regular expression of a JSON Schema matches: ECMAScript's everyday syntax.

Assertions other than anchors are not followed; the caller checks the string against the pattern.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

Maker = Callable[[int], str]

_CLASSES = {"d": "0123456789", "w": "abcdefghijklmnopqrstuvwxyz0123456789_", "s": " ", "D": "x", "W": "-", "S": "x"}
_CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "0": "\0"}
_QUANTITY = re.compile(r"\{(\d{1,4})(,(\d{0,4}))?\}")
_PRINTABLE = "x0aA1bB2 -_." + "".join(map(chr, range(33, 127)))
MAX_GROWTH = 64
MAX_CHARS = 20_000


class Unsupported(ValueError):
    """The expression uses syntax that is not followed here."""


def samples(pattern: str) -> Iterator[str]:
    """Strings the pattern should match, each with its open repeats one longer than the last."""
    try:
        make = _Reader(pattern).read()
    except (Unsupported, IndexError):
        return
    for growth in range(MAX_GROWTH):
        try:
            yield make(growth)
        except Unsupported:
            return


class _Reader:
    """Recursive descent over the pattern; every part becomes a function from growth to text."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0

    def read(self) -> Maker:
        make = self._alternatives()
        if self._at < len(self._pattern):
            raise Unsupported("unbalanced bracket")
        return make

    def _peek(self) -> str:
        return self._pattern[self._at : self._at + 1]

    def _next(self) -> str:
        self._at += 1
        return self._pattern[self._at - 1]

    def _alternatives(self) -> Maker:
        first = self._sequence()
        while self._peek() == "|":
            self._next()
            self._sequence()
        return first

    def _sequence(self) -> Maker:
        makers: list[Maker] = []
        while self._peek() not in ("", "|", ")"):
            makers.append(self._quantified())
        return lambda growth: "".join(make(growth) for make in makers)

    def _quantified(self) -> Maker:
        make = self._atom()
        low, high = 1, 1
        match = _QUANTITY.match(self._pattern, self._at)
        if match:
            self._at = match.end()
            low = int(match[1])
            high = low if match[2] is None else int(match[3]) if match[3] else low + MAX_GROWTH
        elif self._peek() in ("*", "+", "?"):
            low, high = {"*": (0, MAX_GROWTH), "+": (1, 1 + MAX_GROWTH), "?": (0, 1)}[self._next()]
        else:
            return make
        if self._peek() == "?":
            self._next()
        return lambda growth: _repeated(make(growth), min(low + growth, high))

    def _atom(self) -> Maker:
        char = self._next()
        if char in "^$":
            return _always("")
        if char == ".":
            return _always("x")
        if char == "[":
            return _always(self._set())
        if char == "(":
            return self._group()
        if char == "\\":
            return _always(self._escape()[0])
        return _always(char)

    def _group(self) -> Maker:
        if self._peek() == "?":
            match = re.compile(r"\?(?::|<[A-Za-z]\w*>)").match(self._pattern, self._at)
            if match is None:
                raise Unsupported("assertion")
            self._at = match.end()
        make = self._alternatives()
        if self._next() != ")":
            raise Unsupported("unbalanced bracket")
        return make

    def _escape(self) -> str:
        """The characters an escape stands for: one, or a class; anchors stand for none."""
        char = self._next()
        if char in _CLASSES:
            return _CLASSES[char]
        if char in "bB123456789pPkc":
            raise Unsupported(f"escape {char}")
        if char in ("x", "u"):
            width = 2 if char == "x" else 4
            digits = self._pattern[self._at : self._at + width]
            if not re.fullmatch(rf"[0-9a-fA-F]{{{width}}}", digits):
                raise Unsupported("escape")
            self._at += width
            return chr(int(digits, 16))
        return _CONTROLS.get(char, char)

    def _set(self) -> str:
        """One member of a bracketed set."""
        negated = self._peek() == "^"
        self._at += negated
        members: list[str] = []
        while self._peek() != "]":
            first = self._member()
            if self._peek() == "-" and self._pattern[self._at + 1] != "]":
                self._next()
                last = self._member()
                members.extend(map(chr, range(ord(first[0]), min(ord(last[0]), ord(first[0]) + 127) + 1)))
            else:
                members.extend(first)
        self._next()
        if not negated:
            return members[0] if members else self._none()
        return next((char for char in _PRINTABLE if char not in members), None) or self._none()

    def _member(self) -> str:
        char = self._next()
        return self._escape() if char == "\\" else char

    def _none(self) -> str:
        raise Unsupported("empty set")


def _repeated(text: str, times: int) -> str:
    if len(text) * times > MAX_CHARS:
        raise Unsupported("too long")
    return text * times


def _always(text: str) -> Maker:
    return lambda growth: text
