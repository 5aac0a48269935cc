"""JSON values as literals of the languages that snippets are in."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

LINE_CHARACTERS = 96

_NAME = re.compile(r"[A-Za-z_$][\w$]*", re.ASCII)


class Notation(msgspec.Struct, frozen=True, kw_only=True):
    """How a language writes values. `member` takes the name of a field and its value, written.

    `cast` goes before an object that the language would take for a list: an empty one, or one with numbers as names.
    """

    indent: str
    text: Callable[[str], str]
    member: Callable[[str, str], str]
    null: str = "null"
    true: str = "true"
    false: str = "false"
    brackets: tuple[str, str] = ("[", "]")
    braces: tuple[str, str] = ("{", "}")
    cast: str = ""
    ends_with_comma: bool = True
    pads_braces: bool = False


def quoted(text: str) -> str:
    """In double quotes with JSON's escapes, which Python, JavaScript, TOML and YAML read alike."""
    return msgspec.json.encode(text).decode()


def php_text(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _javascript_member(name: str, value: str) -> str:
    if name == "__proto__":  # by any other spelling it sets the object's prototype
        return f'["__proto__"]: {value}'
    return f"{name if _NAME.fullmatch(name) else quoted(name)}: {value}"


JSON = Notation(indent="  ", text=quoted, member=lambda name, value: f"{quoted(name)}: {value}", ends_with_comma=False)
PYTHON = Notation(
    indent="    ",
    text=quoted,
    member=lambda name, value: f"{quoted(name)}: {value}",
    null="None",
    true="True",
    false="False",
)
JAVASCRIPT = Notation(indent="  ", text=quoted, member=_javascript_member, pads_braces=True)
PHP = Notation(
    indent="    ",
    text=php_text,
    member=lambda name, value: f"{php_text(name)} => {value}",
    braces=("[", "]"),
    cast="(object) ",
)


def literal(value: Any, notation: Notation, depth: int = 0) -> str:
    """A JSON value as the language writes it; lines after the first are indented by `depth` steps."""
    match value:
        case None:
            return notation.null
        case bool():
            return notation.true if value else notation.false
        case str():
            return notation.text(value)
        case dict():
            items = [notation.member(name, literal(each, notation, depth + 1)) for name, each in value.items()]
            cast = "" if any(not name.isdecimal() for name in value) else notation.cast
            return cast + _enclosed(items, notation.braces, notation, depth, pads=notation.pads_braces)
        case list() | tuple():
            items = [literal(each, notation, depth + 1) for each in value]
            return _enclosed(items, notation.brackets, notation, depth)
    return repr(value)


def _enclosed(
    items: Sequence[str], ends: tuple[str, str], notation: Notation, depth: int, *, pads: bool = False
) -> str:
    """On one line where that is short and no item needs several."""
    opening, closing = ends
    pad = " " if pads and items else ""
    line = f"{opening}{pad}{', '.join(items)}{pad}{closing}"
    indent = notation.indent * (depth + 1)
    if "\n" not in line and len(indent) + len(line) <= LINE_CHARACTERS:
        return line
    comma = "," if notation.ends_with_comma else ""
    return "\n".join([opening, ",\n".join(indent + item for item in items) + comma, notation.indent * depth + closing])
