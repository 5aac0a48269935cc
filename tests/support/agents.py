"""Coding agents as their vendors ship them, run without a terminal in a project and a home of their own.

`scripts/setup dev` installs them from tests/agents/package-lock.json.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tests.support.hub import COMMAND, Hub, eventually

MODULES = Path(__file__).parents[1] / "agents" / "node_modules"
PROGRAMS = {"claude": "@anthropic-ai/claude-code-*/claude", "codex": "@openai/codex-*/vendor/*/bin/codex"}
RUN_S = 40.0

TASK = "Replace `harbor` with `harbour` in `notes.txt`, write `all done` to `log.txt`, then run `sh check.sh`."
KNOWN_TO_CLAUDE_CODE = "claude-sonnet-4-5"
KNOWN_TO_CODEX = "gpt-6.1-sol"

DONE = "Done, 4 of 4 steps: read `notes.txt`; replace `harbor` with `harbour` in `notes.txt`;"

_PROVIDER = """
[providers.{dialect}]
base_url = "{url}"
dialect = "{dialect}"
api_key_env = "HUB_KEY"
"""
_MODEL = """
[[models]]
id = "{model}"
context_tokens = 1000000
max_output_tokens = 32000
price = {{ input = "0", output = "0" }}
features = ["streaming", "tools", "parallel_tools", "structured_outputs", "reasoning"]

[[models.offers]]
provider = "{dialect}"
upstream_model = "sandbox/agent"
"""


def program(name: str) -> str:
    """An agent's binary. Skips the test where its vendor ships none, and fails where it was not installed."""
    if sys.platform not in ("linux", "darwin") or platform.machine() not in ("x86_64", "aarch64", "arm64"):
        pytest.skip(f"{name} has no binary for {sys.platform} on {platform.machine()}")
    found = next(MODULES.glob(PROGRAMS[name]), None)
    assert found, f"`scripts/setup dev` installs {name}"
    return str(found)


def folders() -> list[str]:
    """Where the agents are that are installed."""
    return [str(found.parent) for pattern in PROGRAMS.values() for found in MODULES.glob(pattern)]


class Place(NamedTuple):
    """Where an agent works: an empty home, and a project that holds what TASK speaks of."""

    home: Path
    project: Path

    def is_done(self) -> bool:
        """Whether the task was really done: files changed, and the command that counts in them run."""
        read = {name: self.read(name) for name in ("notes.txt", "log.txt", "found.txt")}
        return read == {"notes.txt": "The harbour lights.\n", "log.txt": "all done\n", "found.txt": "1\n"}

    def read(self, name: str) -> str:
        path = self.project / name
        return path.read_text("utf-8") if path.exists() else ""


def make_place(folder: Path) -> Place:
    place = Place(folder / "home", folder / "project")
    for path in place:
        path.mkdir()
    (place.project / "notes.txt").write_text("The harbor lights.\n")
    (place.project / "check.sh").write_text("grep -c harbour notes.txt > found.txt\n")
    return place


class ClaudeCode(NamedTuple):
    """Claude Code against a hub."""

    place: Place
    url: str
    token: str

    def __call__(self, prompt: str, *, model: str, max_retries: int = 0) -> subprocess.CompletedProcess[str]:
        environ = {
            "ANTHROPIC_BASE_URL": self.url,
            "ANTHROPIC_AUTH_TOKEN": self.token,
            "CLAUDE_CODE_MAX_RETRIES": str(max_retries),
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        }
        return run([*claude_code(prompt), "--model", model], self.place, environ)


class Codex(NamedTuple):
    """Codex against a hub."""

    place: Place
    url: str
    token: str

    def __call__(self, prompt: str, *, model: str, websockets: bool = False) -> subprocess.CompletedProcess[str]:
        folder = self.place.home / ".codex"
        folder.mkdir()
        (folder / "config.toml").write_text(f"""
model = "{model}"
model_provider = "hub"

[analytics]
enabled = false

[model_providers.hub]
name = "hub"
base_url = "{self.url}/v1"
env_key = "HUB_KEY"
wire_api = "responses"
request_max_retries = 0
stream_max_retries = 0
supports_websockets = {str(websockets).lower()}
""")
        return run(codex(prompt), self.place, {"HUB_KEY": self.token})


def claude_code(prompt: str) -> list[str]:
    """The command line that lets Claude Code do what a prompt says, files and commands included."""
    return [program("claude"), "-p", prompt, "--permission-mode", "acceptEdits", "--allowedTools", "Bash"]


def codex(prompt: str) -> list[str]:
    """The same for Codex."""
    return [program("codex"), "exec", "--skip-git-repo-check", "--sandbox", "danger-full-access", prompt]


def run_told(script: str, command: Sequence[str], place: Place, hub: Hub) -> subprocess.CompletedProcess[str]:
    """Run an agent in a shell that a user has told of the hub's test key by this script."""
    environ = {
        "PATH": os.pathsep.join((str(Path(COMMAND).parent), os.environ["PATH"])),
        "ENTREPOT_HOME": str(hub.home),
        "ENTREPOT_PUBLIC_URL": hub.url,
        "ENTREPOT_API_KEY": hub.tokens.test,
    }
    return run(["sh", "-euc", f'{script}\nexec "$@"', "sh", *command], place, environ)


def run(command: Sequence[str], place: Place, environ: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "PYTHONPATH") if name in os.environ}
    return subprocess.run(
        command,
        cwd=place.project,
        env={**kept, "HOME": str(place.home), **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=RUN_S,
        check=False,
    )


def last_turn(asked_hub: Hub, answering_hub: Hub, model: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The records of the turn that ended a task, at the hub that was asked for this model and at its upstream."""

    def both() -> tuple[dict[str, Any], dict[str, Any]] | None:
        asked, answered = asked_hub.exchanges()[-1], answering_hub.exchanges()[-1]
        ended = (asked["asked"], asked["finish"], answered["finish"]) == (model, "stop", "stop")
        return (asked, answered) if ended and asked["started_at_ms"] <= answered["started_at_ms"] else None

    found = eventually(both)
    assert found
    return found


def settings(url: str) -> str:
    """Settings of a hub whose models are played by another hub, in the dialect that a model is named after.

    Models whose names agents know are reached in Chat Completions.
    """
    dialects = {name: name for name in ("openai_chat", "openai_responses", "anthropic_messages")}
    models = dialects | dict.fromkeys((KNOWN_TO_CLAUDE_CODE, KNOWN_TO_CODEX), "openai_chat")
    rows = [_PROVIDER.format(url=url, dialect=dialect) for dialect in dialects]
    return "".join(rows + [_MODEL.format(model=model, dialect=dialect) for model, dialect in models.items()])
