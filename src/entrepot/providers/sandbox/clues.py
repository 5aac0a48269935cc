"""Values a prompt offers for arguments and schemas: numbers, quoted words, names, dates, addresses.

Each stretch of the prompt is offered once, in its order. Knows nothing of schemas.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

Value = TypeVar("Value", str, int | float)

_WORD = r"[^\W\d_]\w*(?:['’-]\w+)*"
_IN_QUOTES = r"\"([^\"\n]{1,300})\"|“([^”\n]{1,300})”|`([^`\n]{1,300})`|(?<!\w)'([^'\n]{1,300})'(?!\w)"
_QUOTED = re.compile(_IN_QUOTES)
_DIGITS = r"-?(?:\d{1,3}(?:,\d{3})+|\d{1,15})(?:\.\d{1,10})?"
_NUMBER = re.compile(rf"(?<![\w.])(?<![A-Za-z]-)({_DIGITS})(?![\d_]|\.\d)", re.ASCII)
_CALLED = re.compile(rf"\b(?:named|called) (?:{_IN_QUOTES})")
_NAMES = re.compile(rf"({_WORD}(?: {_WORD})*)")
_PLACE = re.compile(rf"\b(?:in|at|from|to|for|near|of|visit) ({_WORD}(?:,? {_WORD}){{0,5}})")
_PATH = re.compile(r"(?<![\w/:.])((?:~|\.{1,2})?(?:/[\w.@%+~-]*[\w~])+|[\w-]+(?:/[\w.-]+)*\.[a-z]{1,5}\b(?!\.\w))")
_SENTENCE = re.compile(r"[^.!?\n]{1,120}")

FORMATS: Mapping[str, re.Pattern[str]] = {
    "email": re.compile(r"\b([A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24})\b"),
    "uri": re.compile(r"\b(https?://[A-Za-z0-9][A-Za-z0-9./_~%?=&#:+-]*[A-Za-z0-9/])"),
    "uuid": re.compile(r"\b([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})\b"),
    "date-time": re.compile(r"\b(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d))"),
    "date": re.compile(r"\b(\d{4}-\d\d-\d\d)\b"),
    "time": re.compile(r"\b(\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d))"),
    "ipv4": re.compile(r"\b((?:\d{1,3}\.){3}\d{1,3})\b"),
}
_NO_NUMBERS = tuple(FORMATS.values())

# Words in a property's name that tell what kind of value it wants.
_HINTS: Mapping[str, re.Pattern[str]] = {
    "email": re.compile(r"\be-?mails?\b"),
    "uri": re.compile(r"\b(?:url|uri|link|website|href)s?\b"),
    "date": re.compile(r"\b(?:date|day|birthday)s?\b"),
    "path": re.compile(r"\b(?:path|file|filename|directory|dir|folder)s?\b"),
    "place": re.compile(r"\b(?:city|cities|place|location|country|region|address|destination|where)s?\b"),
    "name": re.compile(r"\b(?:name|person|author|user|customer|who|people|character)s?\b"),
    "text": re.compile(
        r"\b(?:query|question|prompt|text|content|message|input|title|summary|topic|subject|description|search"
        r"|request|task|term|instruction)s?\b"
    ),
}
_UNITS: Mapping[str, str] = {"age": "year"}
_NEAR = r"[ (]\s*"
_LINK = r"\s*(?:\b(?:is|are|was|equals|named|called)\b|[:=])\s*"
_TRUTH = r"(yes|no|true|false)\b"
_TRUTHS = re.compile(rf"\b{_TRUTH}", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[_\-\s]+")
_NOT_NAMES = frozenset((
    "a", "an", "the", "this", "that", "these", "those", "what", "who", "whom", "whose", "which", "when", "where",
    "why", "how", "is", "are", "was", "were", "do", "does", "did", "can", "could", "would", "should", "will",
    "please", "i", "i'm", "i've", "i'd", "it", "it's", "he", "she", "we", "they", "you", "your", "my", "our", "his",
    "her", "their", "its", "there", "here", "use", "using", "call", "extract", "return", "give", "tell", "create",
    "generate", "make", "write", "read", "find", "get", "set", "list", "show", "say", "repeat", "answer", "respond",
    "reply", "explain", "describe", "classify", "translate", "summarize", "calculate", "compute", "count", "and",
    "or", "but", "if", "then", "in", "on", "at", "to", "from", "for", "of", "with", "hello", "hi", "hey", "yes",
    "no", "not", "true", "false", "json", "ok", "okay", "let", "let's", "add", "also", "ask", "book", "check",
    "look", "name", "open", "search", "see", "send", "visit", "what's", "where's", "who's",
))  # fmt: skip
_AFTER_A_NAME = re.compile(r"'s\b|,| (?:is|was|has|had|are|lives|works|likes|loves|and|from|aged|who|wants|bought)\b")


class Offer(NamedTuple):
    start: int
    end: int
    text: str


class Clues:
    """The values of one prompt. `uses` counts how many have been taken from it.

    While it is `targeted`, only values that stand beside a label or are of the label's kind are offered.
    """

    def __init__(self, text: str, *, ignored: Iterable[str] = ()) -> None:
        self.text = text
        self.uses = 0
        self.targeted = False
        self._lower = text.lower()
        self._ignored = frozenset(ignored)
        self._taken: list[Offer] = []
        self._found: dict[re.Pattern[str], list[Offer]] = {}

    def number(self, label: str, fits: Callable[[int | float], bool]) -> int | float | None:
        """The first number not yet taken that fits; one that stands beside the label goes first."""
        others = () if self.targeted else self._numbers
        return self._take(itertools.chain(self._labelled_numbers(words_of(label)), others), _parse_number, fits)

    def string(self, label: str, fits: Callable[[str], bool]) -> str | None:
        """Words for a property of this name: labelled, of the kind its name hints at, quoted, a name."""
        return self._take(self._strings(words_of(label)), str, fits)

    def formatted(self, format_name: str, fits: Callable[[str], bool]) -> str | None:
        pattern = FORMATS.get(format_name)
        return self._take(self._matches(pattern), str, fits) if pattern else None

    def sentence(self, label: str) -> str | None:
        """The prompt's first words, for a property that wants some text; no use of a value."""
        match = _SENTENCE.search(self.text) if _HINTS["text"].search(words_of(label)) else None
        return match[0].strip() or None if match else None

    def boolean(self, label: str) -> bool | None:
        """What the prompt says beside the label, or else its first yes, no, true or false."""
        others = () if self.targeted else self._matches(_TRUTHS)
        said = self._take(itertools.chain(self._labelled(words_of(label), _TRUTH), others), str, lambda text: True)
        return said.lower() in ("yes", "true") if said else None

    def mentioned(self, members: Iterable[Any]) -> Any | None:
        """The first of an enumeration's members that the prompt holds as a word of its own."""
        for member in members:
            if isinstance(member, str | int) and str(member).lower() in self._lower:
                word = re.compile(rf"(?<!\w)({re.escape(str(member))})(?!\w)", re.IGNORECASE)
                if self._take(self._matches(word), str, lambda text: True) is not None:
                    return member
        return None

    def has_number_for(self, label: str) -> bool:
        """Whether a number stands beside the label."""
        return any(True for _ in self._labelled_numbers(words_of(label)))

    def quoted(self) -> list[str]:
        return [offer.text for offer in self._quoted]

    def _take(
        self, offers: Iterable[Offer], parse: Callable[[str], Value], fits: Callable[[Value], bool]
    ) -> Value | None:
        for offer in offers:
            if not self._is_taken(offer) and fits(parse(offer.text)):
                self._taken.append(offer)
                self.uses += 1
                return parse(offer.text)
        return None

    def _is_taken(self, offer: Offer) -> bool:
        return any(offer.start < taken.end and taken.start < offer.end for taken in self._taken)

    def _strings(self, words: str) -> Iterator[Offer]:
        yield from self._labelled_strings(words)
        for kind, hint in _HINTS.items():
            if hint.search(words):
                yield from self._hinted(kind)
        if not self.targeted:
            yield from self._quoted
            yield from self._names

    def _hinted(self, kind: str) -> Iterator[Offer]:
        if kind in FORMATS:
            yield from self._matches(FORMATS[kind])
        elif kind == "path":
            yield from self._matches(_PATH)
        elif kind == "place":
            yield from self._places
        elif kind == "name":
            yield from self._matches(_CALLED)
            yield from self._names

    def _labelled_strings(self, words: str) -> Iterator[Offer]:
        for value in (r"[\"'“`]([^\"'”`\n]{1,300})[\"'”`]", r"([^\s\"'“`][^.,;:!?\n]{0,80}?)(?=[.,;:!?\n]|$| and )"):
            yield from self._labelled(words, value)

    def _labelled_numbers(self, words: str) -> Iterator[Offer]:
        yield from self._labelled(words, rf"({_DIGITS})(?!\.?\d)", link=rf"(?:{_LINK}|{_NEAR})")
        unit = _UNITS.get(words, words.removesuffix("s"))
        if unit and unit in self._lower:
            yield from self._matches(re.compile(rf"(?<![\w.])({_DIGITS})[ -]{re.escape(unit)}", re.IGNORECASE))

    def _labelled(self, words: str, value: str, *, link: str = _LINK) -> Iterator[Offer]:
        """What stands after a label; most labels do not occur, which spares compiling a pattern for them."""
        if words and words in self._lower:
            yield from self._matches(re.compile(rf"\b{re.escape(words)}{link}{value}", re.IGNORECASE))

    @cached_property
    def _numbers(self) -> list[Offer]:
        hidden = {place for pattern in _NO_NUMBERS for offer in self._matches(pattern) for place in range(*offer[:2])}
        return [offer for offer in self._matches(_NUMBER) if offer.start not in hidden]

    @cached_property
    def _quoted(self) -> list[Offer]:
        return [offer for offer in self._matches(_QUOTED) if offer.text not in self._ignored]

    @cached_property
    def _places(self) -> list[Offer]:
        return [place for place in map(_capitalised, self._matches(_PLACE)) if place]

    @cached_property
    def _names(self) -> list[Offer]:
        """Runs of capitalised words; one word that opens a sentence only when it is used like a name."""
        runs = (run for offer in self._matches(_NAMES) for run in _capital_runs(offer))
        return [
            run for run in runs if " " in run.text or not self._opens(run) or _AFTER_A_NAME.match(self.text, run.end)
        ]

    def _opens(self, offer: Offer) -> bool:
        """Whether a sentence begins here."""
        before = self.text[max(offer.start - 8, 0) : offer.start].rstrip(" \"'“(")
        return before[-1:] in ("", ".", "!", "?", ":", "\n")

    def _matches(self, pattern: re.Pattern[str]) -> list[Offer]:
        """What a pattern's last group finds; sought once, however many properties ask."""
        if pattern not in self._found:
            matches = pattern.finditer(self.text)
            self._found[pattern] = [
                Offer(*match.span(match.lastindex or 0), match[match.lastindex or 0]) for match in matches
            ]
        return self._found[pattern]


def words_of(label: str) -> str:
    """A property's name as lower-case words: userName and user_name are both "user name"."""
    return " ".join(filter(None, _CAMEL.split(label))).lower()


def _parse_number(text: str) -> int | float:
    plain = text.replace(",", "")
    return float(plain) if "." in plain else int(plain)


def _capitalised(offer: Offer) -> Offer | None:
    """The leading words of a stretch that begin with capitals: "San Francisco, CA" of "San Francisco, CA today"."""
    end = 0
    for match in re.finditer(rf"{_WORD}", offer.text):
        if not match[0][0].isupper():
            break
        end = match.end()
    return Offer(offer.start, offer.start + end, offer.text[:end]) if end else None


def _capital_runs(offer: Offer) -> Iterator[Offer]:
    run: list[re.Match[str]] = []
    for match in (*re.finditer(r"\S+", offer.text), None):
        if match and match[0][0].isupper() and match[0].lower() not in _NOT_NAMES:
            run.append(match)
        elif run:
            start, end = run[0].start(), run[-1].end()
            text = re.sub(r"['’]s$", "", offer.text[start:end])
            yield Offer(offer.start + start, offer.start + start + len(text), text)
            run = []
