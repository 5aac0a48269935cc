from __future__ import annotations

from typing import Any

import pytest
from tests.dialects.openai_responses.samples import call, message

from entrepot.dialects.openai_responses import history

ENCRYPTED = {"type": "reasoning", "id": "rs_1", "status": "completed", "summary": [], "encrypted_content": "gAAAA"}
OPEN = {"type": "reasoning", "id": "rs_2", "summary": [], "content": [{"type": "reasoning_text", "text": "hm"}]}
HOLLOW = {"type": "reasoning", "id": "rs_3", "summary": [{"type": "summary_text", "text": "hm"}]}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("hello", [{"type": "message", "role": "user", "content": "hello"}]),
        ([1, {"a": 2}], [1, {"a": 2}]),
        (None, []),
        (7, []),
    ],
)
def test_input_as_a_list(given: Any, expected: list[Any]) -> None:
    assert history.input_items(given) == expected


def replayed(*items: dict[str, Any], reasons: bool = True) -> list[Any]:
    return list(history.replayed(items, reasons=reasons))


def test_reasoning_is_replayed_with_what_its_vendor_takes_and_never_without_content() -> None:
    assert replayed(ENCRYPTED, OPEN, HOLLOW, message("a")) == [
        {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gAAAA"},
        {"type": "reasoning", "id": "rs_2", "summary": [], "content": OPEN["content"]},
        message("a"),
    ]
    assert replayed(ENCRYPTED, OPEN, message("a"), reasons=False) == [message("a")]


def test_ids_are_replayed_where_they_must_be_and_in_openais_form() -> None:
    items = replayed(message("a"), message("b", id="7"), call(id="call_raw"), {"type": "web_search_call", "id": "ws_1"})
    assert [item.get("id") for item in items] == ["msg_up", "msg_1", None, "ws_1"]


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ({"type": "item_reference", "id": "msg_1"}, True),
        ({"id": "msg_1"}, True),
        ({"type": None, "id": "msg_1"}, True),
        ({"id": "msg_1", "role": "user", "content": "a"}, False),
        ({"type": "message", "id": "msg_1"}, False),
        ({"type": "item_reference", "id": 7}, False),
        ("msg_1", False),
    ],
)
def test_what_a_reference_is(item: Any, expected: bool) -> None:
    assert history.is_reference(item) is expected


def test_references_become_what_they_name() -> None:
    items = [
        {"id": "fc_up"},
        {"id": "msg_here"},
        {"id": "msg_unknown"},
        {"role": "user", "content": "a"},
        {"id": "rs_3"},
    ]
    known = {"fc_up": call(), "rs_3": HOLLOW}
    assert history.resolved(items, known, {"msg_here"}, reasons=True) == [
        {name: value for name, value in call().items() if name != "id"},
        {"id": "msg_unknown"},
        {"role": "user", "content": "a"},
    ]


def test_what_vendors_want_replayed_is_hidden() -> None:
    assert history.without_secrets([ENCRYPTED, message("a"), "odd"]) == [
        ENCRYPTED | {"encrypted_content": None},
        message("a"),
        "odd",
    ]


def test_listed_input_has_ids_of_its_kind_that_stay_the_same() -> None:
    given = [
        {"role": "user", "content": "a"},
        {"role": "assistant", "content": "b", "phase": None},
        {"role": "user", "content": [{"type": "input_image", "image_url": "https://x"}], "id": "msg_own"},
        call(id=None),
        {"type": "function_call_output", "call_id": "call_up", "output": "c"},
        {"type": "reasoning", "content": None, "encrypted_content": "g"},
    ]
    listed = history.listed("resp_1", given)
    assert listed == history.listed("resp_1", given)
    assert [item["id"].partition("_")[0] for item in listed] == ["msg", "msg", "msg", "fc", "fco", "rs"]
    assert listed[2]["id"] == "msg_own"
    assert len({item["id"] for item in listed} | {item["id"] for item in history.listed("resp_2", given)}) == 11
    assert listed[0]["content"] == [{"type": "input_text", "text": "a"}]
    assert listed[1]["content"] == [{"type": "output_text", "text": "b", "annotations": [], "logprobs": []}]
    assert listed[2]["content"] == [{"type": "input_image", "image_url": "https://x", "detail": "auto"}]
    assert "phase" not in listed[1]
    assert [item.get("status") for item in listed] == ["completed"] * 5 + [None]
