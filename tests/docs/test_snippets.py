"""Every snippet does what the page says: programs run against a hub with a test key, settings are loaded."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest
from tests.docs.pages import REFERENCE, ROOT, Fence, fences, pages
from tests.support import agents
from tests.support.apart import CLIENTS, python_of
from tests.support.hub import Hub, Hubs, make_key

from entrepot import catalog, settings, tariff
from entrepot.cli import serve
from entrepot.settings import Settings

CALLS = ("--scope", "inference", "--scope", "usage")
APART = {"instructor": "instructor", "langchain_anthropic": "langchain", "llama_index": "llama-index"}
PATH = os.pathsep.join(
    (str(Path(sys.executable).parent), os.environ["PATH"], str(Path(sys.prefix) / "instructor" / "bin"))
)
FENCES = [fence for page in pages() for fence in fences(page)]
PROGRAMS = [
    (fence, following.text if following.comment == "prints" else None)
    for page in pages()
    for fence, following in pairwise([*fences(page), Fence(page, 0, "", "", "")])
    if fence.language in ("python", "sh", "js") and not fence.comment
]
TOML = [fence for fence in FENCES if fence.language == "toml"]


class Surroundings(NamedTuple):
    environ: Mapping[str, str]
    folder: Path


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    hubs = Hubs(tmp_path_factory.mktemp("hubs"))
    yield hubs("docs")
    hubs.close()


@pytest.fixture(scope="module")
def surroundings(hub: Hub, tmp_path_factory: pytest.TempPathFactory) -> Surroundings:
    """What the pages ask their readers to have set, and a curl that fails when the hub refuses."""
    folder = tmp_path_factory.mktemp("reader")
    (folder / ".curlrc").write_text("silent\nshow-error\nfail-with-body\n")
    (folder / ".codex").mkdir()
    (folder / ".codex" / "config.toml").write_text("[analytics]\nenabled = false\n")
    environ = {
        **{name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ},
        "PATH": os.pathsep.join((PATH, *agents.folders())),
        "HOME": str(folder),
        "CURL_HOME": str(folder),
        "ENTREPOT_HOME": str(hub.home),
        "ENTREPOT_BASE_URL": hub.api,
        "ENTREPOT_API_KEY": hub.tokens.test,
        "ENTREPOT_PUBLIC_URL": hub.url,
        "OPENAI_BASE_URL": hub.api,
        "OPENAI_API_KEY": hub.tokens.test,
        "ANTHROPIC_BASE_URL": hub.url,
        "ANTHROPIC_API_KEY": hub.tokens.test,
        "ADMIN_KEY": make_key(hub.home, "--mode", "live", "--scope", "management", *CALLS),
    }
    return Surroundings(environ, folder)


@pytest.mark.parametrize(("fence", "printed"), PROGRAMS, ids=[fence.name for fence, _ in PROGRAMS])
def test_program(surroundings: Surroundings, fence: Fence, printed: str | None) -> None:
    for name in agents.PROGRAMS:
        if f"\n{name} " in fence.text:
            agents.program(name)
    done = subprocess.run(
        _command(fence),
        env=surroundings.environ,
        cwd=CLIENTS if fence.language == "js" else surroundings.folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert printed is None or done.stdout.strip() == printed


def _command(fence: Fence) -> list[str]:
    if fence.language == "python":
        return [_python(fence.text), "-c", fence.text]
    if fence.language == "sh":
        return ["sh", "-euc", fence.text]
    node = shutil.which("node", path=PATH)
    assert node, "scripts/setup dev brings Node"
    return [node, "--input-type=module", "--eval", fence.text]


def _python(program: str) -> str:
    """The interpreter that has what the program imports."""
    found = next((APART[name] for name in APART if f"import {name}" in program or f"from {name}" in program), None)
    return str(python_of(found)) if found else sys.executable


def test_what_is_printed_belongs_to_a_program() -> None:
    assert sum(fence.comment == "prints" for fence in FENCES) == sum(printed is not None for _, printed in PROGRAMS)


@pytest.mark.parametrize("fence", TOML, ids=lambda fence: fence.name)
def test_settings_are_accepted(tmp_path: Path, fence: Fence) -> None:
    path = tmp_path / "entrepot.toml"
    path.write_text(fence.text, "utf-8")
    found = settings.load({"config": path, "home": tmp_path}, {})
    assert tariff.load(found.tariff, catalog.load(found.catalogue)).models


def test_json_is_json() -> None:
    for fence in FENCES:
        if fence.language == "json":
            json.loads(fence.text)


def test_the_readme_shows_what_the_first_run_prints(capsys: pytest.CaptureFixture[str]) -> None:
    home = Settings(home=Path("/home/you/.local/share/entrepot"))
    serve.announce(home, {"live": "ep-live-…", "test": "ep-test-…"}, "ep-welcome-…")
    shown = next(fence for fence in fences(ROOT / "README.md") if fence.language == "text")
    assert capsys.readouterr().out.strip() == shown.text


def test_the_settings_page_shows_every_form_of_the_file() -> None:
    text = next(fence for fence in fences(REFERENCE / "settings.md") if fence.language == "toml").text
    for form in (
        "[providers.",
        "[[models]]",
        "[[models.offers]]",
        "[[offers]]",
        "[[prices]]",
        "[plans.",
        *(f"[{name}]" for name in settings.SECTIONS),
    ):
        assert form in text
