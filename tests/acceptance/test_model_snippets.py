"""Snippets as they stand, run against a hub in test mode."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.apart import CLIENTS
from tests.support.hub import Hub

from entrepot import catalog
from entrepot.pages.examples import Body, as_messages, examples
from entrepot.pages.snippets import Call, Language, Protocol, languages, snippet

CATALOGUE = catalog.load()
MINI, VECTORS = CATALOGUE.models["gpt-4.1-mini"], CATALOGUE.models["text-embedding-3-small"]
QUESTION = [{"role": "user", "content": "Name three seaports."}]
ALL = examples(CATALOGUE, MINI)["all"] | {"model": "sandbox/echo", "messages": QUESTION}
BODIES: dict[Protocol, Body] = {
    "openai_chat": ALL,
    "anthropic_messages": as_messages(ALL, MINI),
    "openai_responses": {"model": "sandbox/echo", "input": "Name three seaports.", "store": False},
    "openai_embeddings": examples(CATALOGUE, VECTORS)["all"],
}
RUN: list[tuple[Protocol, Language]] = [
    (protocol, language) for protocol in BODIES for language in languages(protocol) if language != "json"
]
COMMANDS: dict[Language, tuple[str, str]] = {
    "curl": ("sh", "sh"),
    "python_requests": (sys.executable, "py"),
    "python_openai": (sys.executable, "py"),
    "python_anthropic": (sys.executable, "py"),
    "javascript_fetch": ("node", "mjs"),
    "javascript_openai": ("node", "mjs"),
    "php": ("php", "php"),
}


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])
@pytest.mark.parametrize(("protocol", "language"), RUN)
def test_a_snippet_does_what_it_shows(
    hub: Hub, tmp_path: Path, protocol: Protocol, language: Language, stream: bool
) -> None:
    if protocol == "openai_embeddings" and stream:
        pytest.skip("vectors do not come in a stream")
    body = BODIES[protocol] | ({"stream": True} if stream else {})
    done = _run(snippet(Call(url=hub.url, protocol=protocol, body=body), language), language, tmp_path, hub.tokens.test)
    assert done.returncode == 0, done.stderr
    assert ("0." if protocol == "openai_embeddings" else "Name") in done.stdout


@pytest.mark.parametrize("language", ["curl", "python_requests", "javascript_fetch", "php"])
def test_a_refusal_ends_the_program(hub: Hub, tmp_path: Path, language: Language) -> None:
    call = Call(url=hub.url, protocol="openai_chat", body={"model": "no-such", "messages": []})
    assert _run(snippet(call, language), language, tmp_path, hub.tokens.test).returncode != 0


def _run(text: str, language: Language, folder: Path, token: str) -> subprocess.CompletedProcess[str]:
    command, ending = COMMANDS[language]
    found = shutil.which(command, path=os.pathsep.join((os.environ["PATH"], str(Path(sys.executable).parent))))
    if found is None:
        pytest.skip(f"there is no {command}")
    if language == "php" and b"curl\n" not in subprocess.run([found, "-m"], capture_output=True, check=True).stdout:
        pytest.skip("this PHP has no curl")
    (folder / "node_modules").symlink_to(CLIENTS / "node_modules")
    script = folder / f"snippet.{ending}"
    script.write_text(text, "utf-8")
    return subprocess.run(
        [found, str(script)],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "ENTREPOT_API_KEY": token},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
