"""LangChain, Pydantic AI and instructor against a hub with a test key: tools and structured output come out right."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import openai
import pydantic
import pytest
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage, ToolMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from pydantic_ai import Agent
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.output import NativeOutput, OutputSpec, PromptedOutput, ToolOutput
from pydantic_ai.providers.openai import OpenAIProvider
from tests.support.hub import Hub

ROOT = Path(__file__).parents[2]
MODEL = "gpt-4.1-mini"
PROMPT = "A ship: its name is Alma, tons: 4200."


class Ship(pydantic.BaseModel):
    """A ship in the harbour."""

    name: str
    tons: int


ALMA = Ship(name="Alma", tons=4200)


@tool
def get_weather(city: str) -> str:
    """Current weather of a city."""
    return f"18 degrees in {city}"


# LangChain ----------------------------------------------------------------------------------------


@pytest.fixture
async def langchain(hub: Hub) -> AsyncIterator[ChatOpenAI]:
    async with httpx2.AsyncClient() as waiting:
        with httpx2.Client() as blocking:
            yield ChatOpenAI(
                model=MODEL,
                base_url=hub.api,
                api_key=pydantic.SecretStr(hub.tokens.test),
                max_retries=0,
                http_client=blocking,
                http_async_client=waiting,
            )


def test_langchain_answers_with_usage(langchain: ChatOpenAI) -> None:
    answer = langchain.invoke("Count to 9")
    assert answer.content == "1, 2, 3, 4, 5, 6, 7, 8, 9"
    assert answer.usage_metadata is not None
    assert answer.usage_metadata["total_tokens"] > answer.usage_metadata["output_tokens"] > 9


def test_langchain_streams(langchain: ChatOpenAI) -> None:
    pieces = list(langchain.stream("Count to 9", stream_usage=True))
    whole: Any = sum(pieces[1:], start=pieces[0])
    assert isinstance(whole, AIMessageChunk)
    assert len(pieces) > 9
    assert whole.content == "1, 2, 3, 4, 5, 6, 7, 8, 9"
    assert whole.usage_metadata == langchain.invoke("Count to 9").usage_metadata


async def test_langchain_runs_the_tool_loop(langchain: ChatOpenAI) -> None:
    model = langchain.bind_tools([get_weather])
    question = HumanMessage("What is the weather in Paris?")
    first = await model.ainvoke([question])
    assert isinstance(first, AIMessage)
    (call,) = first.tool_calls
    assert (call["name"], call["args"]) == ("get_weather", {"city": "Paris"})
    result = ToolMessage(get_weather.invoke(call["args"]), tool_call_id=call["id"])
    assert (await model.ainvoke([question, first, result])).content == "18 degrees in Paris"


@pytest.mark.parametrize("choice", ["any", "get_weather"])
def test_langchain_forces_a_tool(langchain: ChatOpenAI, choice: str) -> None:
    answer = langchain.bind_tools([get_weather], tool_choice=choice).invoke("Hello")
    assert isinstance(answer, AIMessage)
    assert [call["name"] for call in answer.tool_calls] == ["get_weather"]


# LangChain dumps the parsed answer by a class that says it holds none.
@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings:UserWarning")
@pytest.mark.parametrize("method", ["json_schema", "function_calling"])
@pytest.mark.parametrize("schema", [Ship, Ship.model_json_schema()], ids=["class", "schema"])
def test_langchain_gives_structured_output(langchain: ChatOpenAI, method: Any, schema: Any) -> None:
    asking = langchain.with_structured_output(schema, method=method)
    wanted = ALMA if schema is Ship else ALMA.model_dump()
    assert asking.invoke(PROMPT) == wanted
    assert list(asking.stream(PROMPT))[-1] == wanted


# Pydantic AI --------------------------------------------------------------------------------------


@pytest.fixture
async def model(hub: Hub) -> AsyncIterator[OpenAIChatModel]:
    async with openai.AsyncOpenAI(base_url=hub.api, api_key=hub.tokens.test, max_retries=0) as client:
        yield OpenAIChatModel(MODEL, provider=OpenAIProvider(openai_client=client))


async def test_pydantic_ai_answers_with_usage(model: OpenAIChatModel) -> None:
    answer = await Agent(model).run("Say hello")
    assert answer.output == "hello"
    assert answer.usage.output_tokens == 1


async def test_pydantic_ai_streams(model: OpenAIChatModel) -> None:
    async with Agent(model).run_stream("Count to 9") as stream:
        texts = [text async for text in stream.stream_text(delta=True, debounce_by=None)]
    assert len(texts) > 9
    assert "".join(texts) == "1, 2, 3, 4, 5, 6, 7, 8, 9"


async def test_pydantic_ai_runs_tools(model: OpenAIChatModel) -> None:
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
async def test_pydantic_ai_gives_structured_output(model: OpenAIChatModel, kind: Any) -> None:
    output: OutputSpec[Ship] = kind(Ship)
    agent = Agent(model, output_type=output)
    assert (await agent.run(PROMPT)).output == ALMA
    async with agent.run_stream(PROMPT) as stream:
        assert await stream.get_output() == ALMA


# instructor ---------------------------------------------------------------------------------------


def test_instructor_gives_structured_output(hub: Hub) -> None:
    python = Path(sys.prefix) / "instructor" / "bin" / "python"
    if not python.exists():
        pytest.skip("scripts/setup dev makes the environment of instructor")
    done = subprocess.run(
        [python, ROOT / "tests" / "clients" / "instructor_flow.py"],
        env={"HUB_URL": hub.url, "HUB_KEY": hub.tokens.test},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    wanted = [ALMA.model_dump()] * 2
    assert json.loads(done.stdout) == {"TOOLS": wanted, "JSON": wanted, "JSON_SCHEMA": wanted}
