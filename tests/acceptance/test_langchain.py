"""LangChain against a hub with a test key: its standard integration tests in one run, and its classes in use."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from xml.etree import ElementTree

import httpx2
import pydantic
import pytest
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage, ToolMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from tests.support.apart import run_apart
from tests.support.hub import Hub

MODEL, TINY = "gpt-4.1-mini", "local/tiny"
PROMPT = "A ship: its name is Alma, tons: 4200."
OPTIONS = (
    *("-c", "/dev/null", "--rootdir", ".", "--noconftest", "-p", "no:cacheprovider", "--record-mode", "all"),
    *("-o", "asyncio_mode=auto", "-o", "asyncio_default_test_loop_scope=session"),
    *("-o", "asyncio_default_fixture_loop_scope=session"),
)
# What a class leaves out, and why.
LEFT_OUT = {"TestMessages": {"test_audio_inputs": "Model does not support audio inputs."}}


class Ship(pydantic.BaseModel):
    """A ship in the harbour."""

    name: str
    tons: int


ALMA = Ship(name="Alma", tons=4200)


@tool
def get_weather(city: str) -> str:
    """Current weather of a city."""
    return f"18 degrees in {city}"


# The standard tests -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def cases(hub: Hub, tmp_path_factory: pytest.TempPathFactory) -> list[ElementTree.Element]:
    report = tmp_path_factory.mktemp("langchain") / "report.xml"
    environ = {"HUB_URL": hub.url, "HUB_KEY": hub.tokens.test, "HOME": str(report.parent)}
    done = run_apart(
        "langchain", "-m", "pytest", *OPTIONS, f"--junit-xml={report}", "langchain_standard.py", environ=environ
    )
    assert report.exists(), done.stdout + done.stderr
    return list(ElementTree.parse(report).iter("testcase"))


@pytest.mark.parametrize(
    ("name", "number"),
    [("TestChatCompletions", 50), ("TestResponses", 50), ("TestMessages", 50), ("TestEmbeddings", 5)],
)
def test_standard_cases(cases: list[ElementTree.Element], name: str, number: int) -> None:
    mine = [case for case in cases if case.attrib["classname"].endswith(f".{name}")]
    assert len(mine) == number
    failed = {case.attrib["name"]: why.text for case in mine for why in case if why.tag in ("failure", "error")}
    assert failed == {}
    left_out = {case.attrib["name"]: why.attrib["message"] for case in mine for why in case if why.tag == "skipped"}
    assert left_out == LEFT_OUT.get(name, {})


# In use -------------------------------------------------------------------------------------------


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


def test_langchain_reaches_the_engine(local_hub: Hub) -> None:
    with httpx2.Client() as blocking:
        model = ChatOpenAI(
            model=TINY,
            base_url=local_hub.api,
            api_key=pydantic.SecretStr(local_hub.tokens.live),
            max_retries=0,
            temperature=0,
            http_client=blocking,
        )
        answer = model.invoke("What is in the harbour?")
        assert "".join(str(piece.content) for piece in model.stream("What is in the harbour?")) == answer.content
        called = model.bind_tools([get_weather], tool_choice="any").invoke("What is in the harbour?")
    assert len(str(answer.content).split()) > 3
    assert [call["name"] for call in called.tool_calls] == ["get_weather"]
