"""The built browser application: how much of it is loaded at first, and that nothing of it comes from elsewhere."""

from __future__ import annotations

import gzip
import json
import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from entrepot.api import browser

ROOT = Path(__file__).parents[2]
FIRST_LOAD_BYTES = 350 * 1024
NAMED_ORIGINS = {
    "http://www.w3.org",
    "https://react.dev",
    "https://reactrouter.com",
    "https://base-ui.com",
    "https://github.com",
}
"""What the scripts name without loading anything: the namespaces of XML, and where an error is explained."""


class Loaded(HTMLParser):
    """Addresses of what a document loads by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in ("script", "img", "iframe") and given.get("src"):
            self.found.append(given["src"] or "")
        if tag == "link" and given.get("rel") in ("stylesheet", "modulepreload", "preload", "icon"):
            self.found.append(given["href"] or "")


@pytest.fixture
def built() -> Path:
    assert (browser.ROOT / "index.html").is_file(), "not built: `python hatch_build.py` builds it"
    return browser.ROOT


@pytest.fixture
def hook() -> ModuleType:
    """The build hook as a module. Hatchling loads it by its path too."""
    pytest.importorskip("hatchling", reason="hatchling is not here")
    spec = spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def loaded(document: str) -> list[str]:
    parser = Loaded()
    parser.feed(document)
    return parser.found


def test_the_first_load_is_small(built: Path) -> None:
    found = loaded((built / "index.html").read_text("utf-8"))
    assert any(each.endswith(".js") for each in found)
    sizes = {each: len(gzip.compress((built / each.lstrip("/")).read_bytes(), 9)) for each in found}
    assert sum(sizes.values()) <= FIRST_LOAD_BYTES, sizes


def test_everything_that_is_worth_it_has_a_compressed_twin(built: Path) -> None:
    for path in (built / "assets").iterdir():
        if path.suffix in (".js", ".css"):
            assert gzip.decompress(path.with_name(f"{path.name}.gz").read_bytes()) == path.read_bytes()


def test_every_built_file_is_one_that_the_hub_serves(built: Path) -> None:
    served = {*browser.MEDIA_TYPES, ".gz"}
    assert {path.suffix for path in (built / "assets").iterdir()} <= served
    public = {path.name.removesuffix(".gz") for path in built.iterdir() if not path.name.startswith(".")}
    assert {f"/{name}" for name in public} == {"/assets", "/index.html", *browser.PUBLIC}


def test_nothing_is_loaded_from_another_origin(built: Path) -> None:
    document = (built / "index.html").read_text("utf-8")
    assert all(re.fullmatch(r"/(?:assets/)?[\w.-]+", each) for each in loaded(document))
    assert "<style" not in document
    assert not re.search(r"<script(?![^>]*\ssrc=)|\son\w+=|\sstyle=", document)
    for path in _texts(built):
        text = path.read_text("utf-8")
        if path.suffix == ".css":
            assert not re.search(r"@import|url\(\s*[\"']?(?:https?:)?//", text), path.name
        origins = set(re.findall(r"https?://[a-z0-9][\w.-]*\.[a-z]{2,}", text))
        assert origins <= NAMED_ORIGINS, (path.name, origins - NAMED_ORIGINS)


def test_the_build_is_that_of_the_sources(built: Path, hook: ModuleType) -> None:
    assert (built / hook.STAMP).read_text("ascii") == hook.digest(ROOT / "web")


def test_the_lock_names_no_address() -> None:
    lock = (ROOT / "web" / "package-lock.json").read_text("utf-8")
    assert '"integrity"' in lock
    assert '"resolved"' not in lock


def test_any_change_of_a_source_but_a_test_makes_another_build(tmp_path: Path, hook: ModuleType) -> None:
    sources = tmp_path / "web"
    (sources / "src").mkdir(parents=True)
    (sources / "src" / "main.tsx").write_text("1")
    (sources / "package-lock.json").write_text("{}")
    states = [hook.digest(sources)]
    (sources / "src" / "main.test.tsx").write_text("test")
    (sources / "node_modules").mkdir()
    (sources / "node_modules" / "x.js").write_text("x")
    assert hook.digest(sources) == states[0]
    (sources / "src" / "main.tsx").write_text("2")
    states.append(hook.digest(sources))
    (sources / "package-lock.json").write_text("{ }")
    states.append(hook.digest(sources))
    (sources / "src" / "main.tsx").rename(sources / "src" / "other.tsx")
    states.append(hook.digest(sources))
    assert len(set(states)) == 4


@pytest.mark.parametrize(
    ("version", "fits"),
    [
        *(("v20.18.3", False), ("v20.19.0", True), ("v21.7.0", False), ("v22.11.0", False), ("v22.12.0", True)),
        *(("v24.0.0", True), ("v100.1.0", True), ("", False)),
    ],
)
def test_node_is_asked_for_where_none_fits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hook: ModuleType, version: str, fits: bool
) -> None:
    for name in ("node", "npm"):
        script = tmp_path / name
        script.write_text(f"#!{sys.executable}\nprint('{version}')\n")
        script.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    application = hook.BrowserApplication(str(ROOT), {}, None, None, str(tmp_path), "wheel")
    assert application.dependencies() == ([] if fits else [hook.NODE])
    (tmp_path / "npm").unlink()
    assert application.dependencies() == [hook.NODE]


def test_what_is_installed_is_held_against_the_lock(tmp_path: Path, hook: ModuleType) -> None:
    (tmp_path / "package-lock.json").write_text(json.dumps({"packages": LOCKED}), "utf-8")
    assert not hook.is_installed(tmp_path)
    record = tmp_path / "node_modules" / ".package-lock.json"
    record.parent.mkdir()
    for packages, expected in _records():
        record.write_text(json.dumps({"packages": packages}), "utf-8")
        assert hook.is_installed(tmp_path) is expected, packages


LOCKED: dict[str, Any] = {
    "": {"name": "web"},
    "node_modules/a": {"version": "1.0.0"},
    "node_modules/b": {"version": "2.0.0", "optional": True},
}


def _records() -> Iterator[tuple[dict[str, Any], bool]]:
    a, b = {"node_modules/a": {"version": "1.0.0"}}, {"node_modules/b": {"version": "2.0.0"}}
    yield a, True
    yield a | b, True
    yield b, False
    yield {"node_modules/a": {"version": "1.0.1"}}, False
    yield a | {"node_modules/c": {"version": "1.0.0"}}, False


def _texts(built: Path) -> Iterator[Path]:
    yield from (path for path in built.rglob("*") if path.suffix in (".js", ".css", ".html", ".svg", ".json"))
