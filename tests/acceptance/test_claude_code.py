"""Claude Code itself, from a prompt to changed files: in test mode, and through upstreams of every dialect."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.agents import (
    DONE,
    KNOWN_TO_CLAUDE_CODE,
    TASK,
    ClaudeCode,
    claude_code,
    last_turn,
    make_place,
    run_told,
)
from tests.support.hub import Hub, Hubs
from tests.support.threaded_upstream import PROVIDER_ENVIRON, ThreadedUpstream
from tests.support.upstream import plain, stream


@pytest.fixture
def agent(tmp_path: Path, agents_hub: Hub) -> ClaudeCode:
    return ClaudeCode(make_place(tmp_path), agents_hub.url, agents_hub.tokens.live)


# A name that it knows gets a budget for thinking, another one adaptive thinking and a system message amid the rest.
@pytest.mark.parametrize("model", ["openai_chat", "openai_responses", "anthropic_messages", KNOWN_TO_CLAUDE_CODE])
def test_task_through_an_upstream(agent: ClaudeCode, agents_hub: Hub, models_hub: Hub, model: str) -> None:
    ran = agent(TASK, model=model)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith(DONE)
    assert agent.place.is_done()
    asked, answered = last_turn(agents_hub, models_hub, model)
    assert (asked["dialect"], asked["mode"]) == ("anthropic_messages", "live")
    assert answered["dialect"] == asked["provider"]
    assert asked["output_tokens"] == answered["output_tokens"] > 0


def test_task_in_test_mode(agent: ClaudeCode, agents_hub: Hub) -> None:
    ran = agent._replace(token=agents_hub.tokens.test)(TASK, model="sandbox/agent")
    assert ran.stdout.startswith(DONE), ran.stdout + ran.stderr
    assert agent.place.is_done()


def test_entrepot_env_tells_it_all_it_needs(agent: ClaudeCode, agents_hub: Hub) -> None:
    script = 'eval "$(entrepot env claude-code --model sandbox/agent)"'
    ran = run_told(script, claude_code(TASK), agent.place, agents_hub)
    assert ran.stdout.startswith(DONE), ran.stdout + ran.stderr
    assert agent.place.is_done()


def test_a_stream_that_is_cut_is_asked_for_again_unstreamed(
    agent: ClaudeCode, hubs: Hubs, upstream: ThreadedUpstream
) -> None:
    upstream.play(stream("Hel", "lo").cut(250), plain("Hello, whole"))
    roomy = hubs("roomy", upstream.provider.replace("8192", "1000000"), environ=PROVIDER_ENVIRON)
    ran = agent._replace(url=roomy.url)("Say hello", model="fault")
    assert ran.stdout == "Hello, whole\n", ran.stderr
    assert [bool(request.json.get("stream")) for request in upstream.server.requests] == [True, False]


def test_its_context_is_counted_and_not_guessed(agent: ClaudeCode, agents_hub: Hub) -> None:
    """Where tokens cannot be counted, it has models answer with one token to learn what they have read."""
    before = len(agents_hub.exchanges())
    ran = agent("/context", model="anthropic_messages")
    assert "| System tools |" in ran.stdout, ran.stderr
    assert len(agents_hub.exchanges()) == before


def test_a_context_that_is_too_small_is_understood(agent: ClaudeCode, hub: Hub) -> None:
    ran = agent._replace(url=hub.url)("Say hello", model="fault")
    assert ran.returncode == 1
    assert ran.stdout.startswith("Prompt is too long")


def test_a_model_that_does_not_exist_is_named(agent: ClaudeCode) -> None:
    ran = agent("Say hello", model="claude-0")
    assert ran.returncode == 1
    assert "claude-0" in ran.stdout
