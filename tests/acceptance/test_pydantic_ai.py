"""Pydantic AI's models for Chat Completions, Responses and Messages: a test key's sandbox, and llama.cpp."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any, Literal

import anthropic
import openai
import pydantic
import pytest
from pydantic_ai import Agent
from pydantic_ai.models import Model
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.output import NativeOutput, OutputSpec, PromptedOutput, ToolOutput
from pydantic_ai.profiles import ModelProfile
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.openai import OpenAIProvider
from tests.support.hub import Hub

MODEL, TINY = "gpt-4.1-mini", "local/tiny"
PROMPT = "A ship: its name is Alma, tons: 4200."


class Ship(pydantic.BaseModel):
    """A ship in the harbour."""

    name: str
    tons: int


class Berth(pydantic.BaseModel):
    """A place in the harbour."""

    flag: Literal["red", "white"]


ALMA = Ship(name="Alma", tons=4200)


Connect = Callable[[Hub, str, str], Model]


@pytest.fixture(params=["chat", "responses", "messages"])
async def connect(request: pytest.FixtureRequest) -> AsyncIterator[Connect]:
    """Makes models of one dialect, on clients that are closed after the test."""
    async with AsyncExitStack() as clients:

        def make(hub: Hub, token: str, name: str) -> Model:
            if request.param == "messages":
                client = anthropic.AsyncAnthropic(base_url=hub.url, api_key=token, max_retries=0)
                clients.push_async_callback(client.close)
                # It asks for schemas only of models whose names it knows.
                profile = ModelProfile(supports_json_schema_output=True)
                return AnthropicModel(name, provider=AnthropicProvider(anthropic_client=client), profile=profile)
            other = openai.AsyncOpenAI(base_url=hub.api, api_key=token, max_retries=0)
            clients.push_async_callback(other.close)
            kind = OpenAIChatModel if request.param == "chat" else OpenAIResponsesModel
            return kind(name, provider=OpenAIProvider(openai_client=other))

        yield make


@pytest.fixture
def model(hub: Hub, connect: Connect) -> Model:
    return connect(hub, hub.tokens.test, MODEL)


@pytest.fixture
def engine(local_hub: Hub, connect: Connect) -> Model:
    return connect(local_hub, local_hub.tokens.live, TINY)


async def test_answers_with_usage(model: Model) -> None:
    answer = await Agent(model).run("Say hello")
    assert answer.output == "hello"
    assert answer.usage.output_tokens == 1


async def test_streams(model: Model) -> None:
    async with Agent(model).run_stream("Count to 9") as stream:
        texts = [text async for text in stream.stream_text(delta=True, debounce_by=None)]
    assert len(texts) > 9
    assert "".join(texts) == "1, 2, 3, 4, 5, 6, 7, 8, 9"


async def test_runs_tools(model: Model) -> None:
    agent = Agent(model)
    asked = []

    @agent.tool_plain
    def get_weather(city: str) -> str:
        """Current weather of a city."""
        asked.append(city)
        return f"18 degrees in {city}"

    answer = await agent.run("What is the weather in Paris?")
    assert (asked, answer.output) == (["Paris"], "18 degrees in Paris")


@pytest.mark.parametrize("kind", [ToolOutput, NativeOutput, PromptedOutput])
async def test_gives_structured_output(model: Model, kind: Any) -> None:
    output: OutputSpec[Ship] = kind(Ship)
    agent = Agent(model, output_type=output)
    assert (await agent.run(PROMPT)).output == ALMA
    async with agent.run_stream(PROMPT) as stream:
        assert await stream.get_output() == ALMA


async def test_engine_answers(engine: Model) -> None:
    answer = await Agent(engine, model_settings={"temperature": 0}).run("What is in the harbour?")
    assert len(answer.output.split()) > 3
    assert answer.usage.output_tokens > 3


async def test_engine_calls_the_output_tool(engine: Model) -> None:
    agent = Agent(engine, output_type=ToolOutput(Berth))
    assert (await agent.run("What is in the harbour?")).output.flag in ("red", "white")
