"""Codex itself, from a prompt to changed files: in test mode, and through upstreams of every dialect."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.agents import DONE, KNOWN_TO_CODEX, TASK, Codex, codex, last_turn, make_place, run_told
from tests.support.hub import Hub


@pytest.fixture
def agent(tmp_path: Path, agents_hub: Hub) -> Codex:
    return Codex(make_place(tmp_path), agents_hub.url, agents_hub.tokens.live)


# The last is one that it knows: it adds its tools to the input and has the model write scripts that call them.
@pytest.mark.parametrize("model", ["openai_chat", "openai_responses", "anthropic_messages", KNOWN_TO_CODEX])
def test_task_through_an_upstream(agent: Codex, agents_hub: Hub, models_hub: Hub, model: str) -> None:
    ran = agent(TASK, model=model)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith(DONE)
    assert agent.place.is_done()
    asked, answered = last_turn(agents_hub, models_hub, model)
    assert (asked["dialect"], asked["mode"]) == ("openai_responses", "live")
    assert answered["dialect"] == asked["provider"]
    assert asked["output_tokens"] == answered["output_tokens"] > 0


def test_task_in_test_mode(agent: Codex, agents_hub: Hub) -> None:
    ran = agent._replace(token=agents_hub.tokens.test)(TASK, model="sandbox/agent")
    assert ran.stdout.startswith(DONE), ran.stderr
    assert agent.place.is_done()


def test_entrepot_env_tells_it_all_it_needs(agent: Codex, agents_hub: Hub) -> None:
    script = """
mkdir ~/.codex
printf '[analytics]\\nenabled = false\\n' > ~/.codex/config.toml
eval "$(entrepot env codex)"
entrepot env codex --file --model sandbox/agent > ~/.codex/entrepot.config.toml
"""
    program, *arguments = codex(TASK)
    ran = run_told(script, [program, "--profile", "entrepot", *arguments], agent.place, agents_hub)
    assert ran.stdout.startswith(DONE), ran.stderr
    assert agent.place.is_done()


def test_where_there_are_no_websockets_it_goes_on_over_http(agent: Codex, agents_hub: Hub) -> None:
    ran = agent._replace(token=agents_hub.tokens.test)("Say hello", model="sandbox/agent", websockets=True)
    assert ran.stdout == "hello\n", ran.stderr
    assert "Falling back from WebSockets" in ran.stderr
