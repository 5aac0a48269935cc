"""Code of a call over HTTP: in the languages that speak its protocol, and never with a key."""

from __future__ import annotations

import ast
import json
from typing import Any

import pytest
from tests.conftest import MakeHub
from tests.support.running import RunningHub, question

from entrepot.api.snippets import LIMIT_BYTES
from entrepot.pages.snippets import LANGUAGES, languages

PATH = "/v1/snippets"
PUBLIC = {"public_url": "https://hub.example/"}


@pytest.fixture
async def hub(make_hub: MakeHub) -> RunningHub:
    return make_hub(server=PUBLIC)


async def shown(hub: RunningHub, **spec: Any) -> Any:
    answer = await hub.post(PATH, spec, token=None)
    assert answer.status == 200, answer.body
    return answer.json


async def test_a_call_becomes_code_in_every_language(hub: RunningHub) -> None:
    body = question('What\'s "in" it?', temperature=0.5)
    answer = await shown(hub, body=body)
    assert (answer["protocol"], answer["url"]) == ("openai_chat", "https://hub.example/v1/chat/completions")
    code = {each["language"]: each["code"] for each in answer["data"]}
    assert tuple(code) == languages("openai_chat")
    assert json.loads(code["json"]) == body
    assert "temperature=0.5" in ast.unparse(ast.parse(code["python_openai"]))
    for language in code.keys() - {"json"}:
        assert answer["key_variable"] in code[language]
        assert "https://hub.example/v1" in code[language]


@pytest.mark.parametrize(
    ("body", "protocol", "path"),
    [
        ({"model": "claude-x", "system": "Be kind", "messages": []}, "anthropic_messages", "/v1/messages"),
        ({"model": "gpt-4.1", "input": "Hello"}, "openai_responses", "/v1/responses"),
        ({"model": "text-embedding-3-small", "input": "Hello"}, "openai_embeddings", "/v1/embeddings"),
    ],
)
async def test_the_body_tells_the_protocol(hub: RunningHub, body: dict[str, Any], protocol: str, path: str) -> None:
    answer = await shown(hub, body=body)
    assert (answer["protocol"], answer["url"]) == (protocol, f"https://hub.example{path}")


async def test_a_protocol_and_languages_can_be_named(hub: RunningHub) -> None:
    answer = await shown(
        hub, body=question(), protocol="anthropic_messages", languages=["python_anthropic", "curl", "curl"]
    )
    assert [each["language"] for each in answer["data"]] == ["python_anthropic", "curl"]
    assert (answer["data"][0]["label"], answer["data"][0]["syntax"]) == ("Python (anthropic)", "python")


@pytest.mark.parametrize(
    ("spec", "param"),
    [
        ({}, None),
        ({"body": {"model": "gpt-4.1"}}, "request"),
        ({"body": question(), "languages": ["python_anthropic"]}, "languages"),
        ({"body": question(), "languages": ["cobol"]}, "languages[0]"),
        ({"body": question(), "languages": []}, "languages"),
        ({"body": [], "protocol": "openai_chat"}, "body"),
    ],
)
async def test_what_is_no_call_is_refused(hub: RunningHub, spec: dict[str, Any], param: str | None) -> None:
    answer = await hub.post(PATH, spec, token=None)
    assert (answer.status, answer.error["param"]) == (400, param)


async def test_a_body_that_is_too_deep_or_too_large_is_refused(hub: RunningHub) -> None:
    deep = b'{"body": {"messages": [], "x": ' + b"[" * 400 + b"]" * 400 + b"}}"
    answer = await hub.call("POST", PATH, body=deep).run()
    assert answer.status in (200, 400)
    deeper = deep.replace(b"[" * 400, b"[" * 900).replace(b"]" * 400, b"]" * 900)
    assert (await hub.call("POST", PATH, body=deeper).run()).status == 400
    large = await hub.post(PATH, {"body": question("x" * LIMIT_BYTES)}, token=None)
    assert large.status == 413


async def test_private_pages_show_no_code(make_hub: MakeHub) -> None:
    hub = make_hub(server={"pages": "private"})
    assert (await hub.post(PATH, {"body": question()}, token=None)).status == 401
    assert (await hub.post(PATH, {"body": question()}, token=hub.test)).status == 200


async def test_every_language_is_shown_for_some_protocol(hub: RunningHub) -> None:
    found = set()
    for protocol in ("openai_chat", "anthropic_messages"):
        found |= {each["language"] for each in (await shown(hub, body=question(), protocol=protocol))["data"]}
    assert found == set(LANGUAGES)
