"""Example answers: the same that a test key gets."""

from __future__ import annotations

import json

import pytest
from tests.conftest import MakeHub
from tests.support.running import CHAT


@pytest.mark.parametrize("id", ["gpt-4.1-mini", "claude-opus-5-5"])
async def test_the_answer_shown_is_the_one_that_a_test_key_gets(make_hub: MakeHub, id: str) -> None:
    hub = make_hub()
    page = (await hub.get(f"/v1/models/{id}/page")).json
    shown = json.loads(page["answer"])
    body = next(each["code"] for each in page["snippets"] if (each["level"], each["language"]) == ("minimal", "json"))
    got = (await hub.post(CHAT, json.loads(body), token=hub.test)).json
    assert shown.pop("created") <= got.pop("created")
    assert shown == got
    assert page["answer"] in (await hub.get(f"/models/{id}.md")).body.decode()


@pytest.mark.parametrize("id", ["text-embedding-3-small", "sandbox/error-429", "sandbox/slow"])
async def test_some_models_have_none(make_hub: MakeHub, id: str) -> None:
    hub = make_hub()
    assert (await hub.get(f"/v1/models/{id}/page")).json["answer"] is None
    assert "### Answer" not in (await hub.get(f"/models/{id}.md")).body.decode()
