"""On which line of a TOML text things stand."""

from __future__ import annotations

import tomllib

import pytest

from entrepot.tomllines import line_of

TEXT = """\
# a comment

[server]
port = 1
cors_origins = [
    "https://a.test",
    "https://b.test",
]
[providers.lab]
base_url = "http://127.0.0.1/v1"

# another
[[models]]
id = "one"

[[models]]
id = "two"
offers = [
    { provider = "lab", upstream_model = "x" },
]
[models.price]
input = "1"
"""
PLACES: list[tuple[tuple[str | int, ...], int]] = [
    (("server",), 3),
    (("server", "port"), 4),
    (("server", "cors_origins"), 5),
    (("server", "cors_origins", 1), 5),
    (("providers", "lab", "base_url"), 10),
    (("models", 0), 13),
    (("models", 0, "id"), 14),
    (("models", 1, "id"), 17),
    (("models", 1, "offers", 0, "provider"), 18),
    (("models", 1, "price", "input"), 22),
    (("models", 1, "name"), 16),
    (("providers", "lab", "auth"), 9),
    (("nothing",), 1),
]


@pytest.mark.parametrize(("path", "line"), PLACES)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_line_of_finds_the_statement_that_brings_a_path(path: tuple[str | int, ...], line: int, line_end: str) -> None:
    text = TEXT.replace("\n", line_end)
    tomllib.loads(text)
    assert line_of(text, path) == line
