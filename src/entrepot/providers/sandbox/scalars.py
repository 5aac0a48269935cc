"""Numbers and strings a flat schema may mean, the likeliest first; the caller keeps those that hold.

Made from the schema alone: what the prompt offers comes before these.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any, TypeVar

from entrepot.providers.sandbox import pattern
from entrepot.providers.sandbox.schemas import Impossible, Schema

# How many values are offered where a schema wants them distinct or refuses the first ones.
MAX_OFFERS = 256
MAX_CHARS = 100_000

Value = TypeVar("Value")

_FORMATS: Mapping[str, str] = {
    "date": "2025-01-{day:02}",
    "date-time": "2025-01-{day:02}T12:00:00Z",
    "time": "12:00:{day:02}Z",
    "duration": "P{day}D",
    "email": "user{day}@example.com",
    "idn-email": "user{day}@example.com",
    "hostname": "host{day}.example.com",
    "idn-hostname": "host{day}.example.com",
    "ipv4": "192.0.2.{day}",
    "ipv6": "2001:db8::{day}",
    "uri": "https://example.com/{day}",
    "uri-reference": "https://example.com/{day}",
    "iri": "https://example.com/{day}",
    "iri-reference": "https://example.com/{day}",
    "uri-template": "https://example.com/{day}",
    "uuid": "00000000-0000-4000-8000-{day:012}",
    "json-pointer": "/{day}",
    "relative-json-pointer": "{day}/a",
    "regex": "a{day}",
}


def nth(values: Iterable[Value], number: int) -> Value:
    """One of several values, counted from 0. Raises Impossible when there are fewer."""
    for index, value in enumerate(values):
        if index == number:
            return value
    raise Impossible("no further value")


def numbers(flat: Schema) -> Iterator[int | float]:
    """The author's suggestions, then numbers in range from 0 or the nearest bound on, on the grid of multipleOf."""
    yield from (value for value in _suggestions(flat) if isinstance(value, int | float))
    low = max((Fraction(str(flat[key])) for key in ("minimum", "exclusiveMinimum") if key in flat), default=None)
    high = min((Fraction(str(flat[key])) for key in ("maximum", "exclusiveMaximum") if key in flat), default=None)
    step = _step(flat)
    if step is None and low is not None and high is not None:
        yield from (_plain(low + (high - low) * part / MAX_OFFERS) for part in range(MAX_OFFERS + 1))
        return
    step = step or Fraction(1, 2)
    start, step = _start(low, high, step)
    yield from (_plain(start + number * step) for number in range(MAX_OFFERS))


def _start(low: Fraction | None, high: Fraction | None, step: Fraction) -> tuple[Fraction, Fraction]:
    """Where on the grid to begin, and which way to go: up where there is room, else down."""
    if low is not None and low > 0:
        return math.ceil(low / step) * step, step
    if high is not None and high < 0:
        return math.floor(high / step) * step, -step
    return Fraction(0), -step if high is not None and high < step else step


def _step(flat: Schema) -> Fraction | None:
    whole = Fraction(1) if flat.get("type") == "integer" else None
    multiple = Fraction(str(flat["multipleOf"])) if "multipleOf" in flat else None
    if multiple is None or whole is None:
        return multiple or whole
    return Fraction(multiple.numerator)  # the least whole multiple of a reduced fraction


def _plain(value: Fraction) -> int | float:
    return int(value) if value.denominator == 1 and abs(value) < 2**53 else float(value)


def strings(flat: Schema, base: str) -> Iterator[str]:
    """The author's suggestions, then by pattern or format, then `base` and variants of it in the bounds of length."""
    yield from (value for value in _suggestions(flat) if isinstance(value, str))
    if "pattern" in flat:
        yield from pattern.samples(flat["pattern"])
    if flat.get("format") in _FORMATS:
        yield from (_FORMATS[flat["format"]].format(day=day) for day in range(1, 29))
    if flat.get("minLength", 0) > MAX_CHARS:
        raise Impossible("too long a string")
    yield _sized(base, flat, 0)
    yield from ("text", "0", "")
    yield from (_sized(f"{base} {number}", flat, number) for number in range(2, MAX_OFFERS))


def _suggestions(flat: Schema) -> list[Any]:
    """Values the schema's author gave as default or examples."""
    return [*([flat["default"]] if "default" in flat else []), *flat.get("examples", ())]


def _sized(text: str, flat: Schema, number: int) -> str:
    """The text padded or cut to the schema's lengths; a cut one ends in its number where that fits."""
    high = flat.get("maxLength", MAX_CHARS)
    padded = text.ljust(flat.get("minLength", 0), "x")
    if len(padded) <= high:
        return padded
    tail = str(number) if number else ""
    return padded[: max(high - len(tail), 0)] + tail[:high]
