"""The house as drawn: who may import whom, which file has which test, how large a file may grow."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "entrepot"

# A module imports only from those before it; `telemetry` may be imported by any.
HOUSE = (
    "errors", "telemetry", "conversation", "collector", "money", "tomllines", "settings", "webhooks", "catalog",
    "tariff", "pages", "images", "tokens", "dialects", "providers", "routing", "health", "rules", "keys", "accounts",
    "ledger", "wallets", "windows", "limits", "notices", "free_tier", "statements", "store", "books", "home",
    "administration", "edge", "hub", "low_balance", "exchange", "receipts", "turns", "compacting", "estimates",
    "progress", "billing", "relay", "forward", "counting", "pipeline", "api", "app", "server", "cli",
)  # fmt: skip

SOURCES = sorted(path for path in SOURCE.rglob("*.py"))


def room(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def imports(path: Path) -> set[str]:
    """Rooms of the house that a file imports, at its top or inside functions."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("entrepot"):
            parts = (node.module or "").split(".")
            found |= {parts[1]} if len(parts) > 1 else {alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("entrepot.")}
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_module_imports_only_from_rooms_before_its_own(path: Path) -> None:
    if path == SOURCE / "__init__.py":
        assert not imports(path)
        return
    allowed = set(HOUSE[: HOUSE.index(room(path)) + 1])
    assert imports(path) <= allowed


def test_every_module_of_some_size_has_its_test_file() -> None:
    missing = []
    for path in SOURCES:
        relative = path.relative_to(SOURCE)
        mirrored = ROOT / "tests" / relative.parent / f"test_{relative.name}"
        if path.name != "__init__.py" and len(path.read_text("utf-8").splitlines()) > 40 and not mirrored.exists():
            missing.append(str(relative))
    assert missing == []


def test_no_source_file_outgrows_the_head() -> None:
    sizes = {path: len(path.read_text("utf-8").splitlines()) for path in SOURCES}
    assert {str(path) for path, lines in sizes.items() if lines > 400} == set()


def test_modules_open_by_saying_what_they_are_for() -> None:
    assert [str(path) for path in SOURCES if not ast.get_docstring(ast.parse(path.read_text("utf-8")))] == []
