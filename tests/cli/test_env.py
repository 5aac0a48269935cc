"""`entrepot env`: what it prints does what it says in a shell, whatever stands in it."""

from __future__ import annotations

import json
import os
import subprocess
import tomllib

import pytest
from tests.cli.conftest import Entrepot

from entrepot.pages.clients import CLIENTS, SHELLS

URL = "http://127.0.0.1:8080"
WICKED = """k'1"$(exit 3)`exit 4`\\ &;|>#{x}%s!"""

VALUES = {
    "aider": {"OPENAI_API_BASE": f"{URL}/v1", "OPENAI_API_KEY": "k", "AIDER_MODEL": "openai/m"},
    "anthropic": {"ANTHROPIC_BASE_URL": URL, "ANTHROPIC_API_KEY": "k"},
    "claude-code": {
        "ANTHROPIC_BASE_URL": URL,
        "ANTHROPIC_AUTH_TOKEN": "k",
        "ANTHROPIC_API_KEY": "",
        "ANTHROPIC_MODEL": "m",
        "ANTHROPIC_DEFAULT_HAIKU_MODEL": "m",
    },
    "codex": {"ENTREPOT_API_KEY": "k"},
    "continue": {"ENTREPOT_API_KEY": "k"},
    "langchain": {
        "OPENAI_API_BASE": f"{URL}/v1",
        "OPENAI_API_KEY": "k",
        "ANTHROPIC_BASE_URL": URL,
        "ANTHROPIC_API_KEY": "k",
    },
    "llamaindex": {"OPENAI_API_BASE": f"{URL}/v1", "OPENAI_API_KEY": "k"},
    "openai": {"OPENAI_BASE_URL": f"{URL}/v1", "OPENAI_API_KEY": "k"},
    "opencode": {"ENTREPOT_API_KEY": "k"},
    "pydantic-ai": {
        "OPENAI_BASE_URL": f"{URL}/v1",
        "OPENAI_API_KEY": "k",
        "ANTHROPIC_BASE_URL": URL,
        "ANTHROPIC_API_KEY": "k",
    },
    "vercel": {
        "OPENAI_BASE_URL": f"{URL}/v1",
        "OPENAI_API_KEY": "k",
        "ANTHROPIC_BASE_URL": f"{URL}/v1",
        "ANTHROPIC_API_KEY": "k",
    },
}


def evaluated(printed: str, **environ: str) -> dict[str, str]:
    """The environment of a program after a shell has evaluated what was printed."""
    program = 'eval "$1"; env -0'
    known = {"PATH": os.environ["PATH"], **environ}
    ran = subprocess.run(["sh", "-euc", program, "sh", printed], env=known, capture_output=True, check=True)
    found = dict(line.partition("=")[::2] for line in ran.stdout.decode().split("\0") if line)
    return {name: value for name, value in found.items() if name not in ("PATH", "PWD", "OLDPWD", "SHLVL", "_")}


@pytest.mark.parametrize("client", CLIENTS)
def test_a_shell_that_evaluates_it_has_the_variables(entrepot: Entrepot, client: str) -> None:
    code, printed, complaint = entrepot("env", client, "--key", "k", "--model", "m")
    assert (code, complaint) == (0, "")
    found = evaluated(printed)
    assert {name: value for name, value in found.items() if name != "OPENCODE_CONFIG_CONTENT"} == VALUES[client]


@pytest.mark.parametrize("client", CLIENTS)
def test_nothing_in_it_is_run(entrepot: Entrepot, client: str) -> None:
    _, printed, _ = entrepot("env", client, "--key", WICKED, "--model", WICKED)
    found = evaluated(printed)
    assert {name for name, value in found.items() if value == WICKED} >= {
        name for name, value in VALUES[client].items() if value in ("k", "m")
    }


def test_without_a_key_it_is_taken_from_the_environment(entrepot: Entrepot) -> None:
    _, printed, _ = entrepot("env", "openai")
    assert evaluated(printed, ENTREPOT_API_KEY=WICKED)["OPENAI_API_KEY"] == WICKED


def test_without_a_model_the_client_keeps_its_own(entrepot: Entrepot) -> None:
    assert "MODEL" not in entrepot("env", "claude-code").out
    assert "MODEL" not in entrepot("env", "aider").out


def test_the_hub_s_address_comes_from_its_settings(entrepot: Entrepot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENTREPOT_PUBLIC_URL", "https://hub.example/llm/")
    assert evaluated(entrepot("env", "openai", "--key", "k").out)["OPENAI_BASE_URL"] == "https://hub.example/llm/v1"


def test_opencode_is_told_all_in_a_variable(entrepot: Entrepot) -> None:
    found = evaluated(entrepot("env", "opencode", "--key", "k", "-m", WICKED).out)
    content = json.loads(found["OPENCODE_CONFIG_CONTENT"])
    assert content["model"] == f"entrepot/{WICKED}"
    assert content["provider"]["entrepot"]["models"] == {WICKED: {}}
    assert content["provider"]["entrepot"]["options"]["baseURL"] == f"{URL}/v1"


def test_codex_has_a_file_of_its_own(entrepot: Entrepot) -> None:
    assert "# entrepot env codex --file > ~/.codex/entrepot.config.toml" in entrepot("env", "codex").out
    assert "# entrepot env codex --model gpt-5 --file > " in entrepot("env", "codex", "-m", "gpt-5").out
    file = tomllib.loads(entrepot("env", "codex", "--file", "-m", WICKED).out)
    provider = file["model_providers"][file["model_provider"]]
    assert (file["model"], provider["base_url"], provider["env_key"]) == (WICKED, f"{URL}/v1", "ENTREPOT_API_KEY")
    assert tomllib.loads(entrepot("env", "codex", "--file").out)["model"] == "gpt-4.1-mini"


def test_continue_has_a_file_of_its_own(entrepot: Entrepot) -> None:
    file = entrepot("env", "continue", "--file", "-m", 'a "b"').out
    assert '    model: "a \\"b\\""\n' in file
    assert "    apiKey: ${{ secrets.ENTREPOT_API_KEY }}\n" in file


def test_other_shells_have_their_own_words(entrepot: Entrepot) -> None:
    fish = entrepot("env", "openai", "--shell", "fish", "--key", r"it's \ ").out.splitlines()
    assert fish[1] == r"set -gx OPENAI_API_KEY 'it\'s \\ '"
    powershell = entrepot("env", "openai", "--shell", "powershell", "--key", "it's ’ $x").out.splitlines()
    assert powershell[1] == "$env:OPENAI_API_KEY = 'it''s ’’ $x'"
    assert entrepot("env", "openai", "--shell", "fish").out.endswith('OPENAI_API_KEY "$ENTREPOT_API_KEY"\n')
    assert entrepot("env", "openai", "--shell", "powershell").out.endswith("= $env:ENTREPOT_API_KEY\n")


@pytest.mark.parametrize(
    ("arguments", "code", "complaint"),
    [
        (("env", "cursor"), 3, "entrepot: No client 'cursor'; there are aider, anthropic,"),
        (("env", "openai", "--shell", "csh"), 3, f"entrepot: No shell 'csh'; there are {', '.join(SHELLS)}.\n"),
        (("env", "openai", "--file"), 3, "entrepot: openai needs no file of its own.\n"),
        (
            ("env", "openai", "--key", "a\nb"),
            2,
            "entrepot: --key: there is a character in it that cannot be printed.\n",
        ),
        (("env", "codex", "-m", "\udcff"), 2, "entrepot: --model: there is a character"),
    ],
)
def test_what_cannot_be_done_is_said(entrepot: Entrepot, arguments: tuple[str, ...], code: int, complaint: str) -> None:
    outcome = entrepot(*arguments)
    assert (outcome.code, outcome.out) == (code, "")
    assert outcome.err.startswith(complaint)
