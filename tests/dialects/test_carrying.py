"""What one dialect cannot say of another: refused by name, dropped and listed, or spared where only offered."""

from __future__ import annotations

import pytest

from entrepot.conversation import ReasoningEffort, Request, ServerTool, Tool, ToolChoice
from entrepot.dialects.carrying import (
    NotCarried,
    Verdict,
    effort_of,
    left_behind,
    nearest_effort,
    offered_only,
    unwrapped,
)

VERDICTS: dict[str, Verdict] = {"seed": "dropped", "n": "refused", "logprobs": "refused", "stop": "refused"}


def request(**fields: object) -> Request:
    return Request(model="m", messages=(), **fields)  # type: ignore[arg-type]


def test_defaults_are_not_missed() -> None:
    assert left_behind(request(), VERDICTS) == ()
    assert left_behind(request(n=1, logprobs=False, stop=(), seed=None), VERDICTS) == ()


def test_a_hint_is_listed_even_when_it_is_zero() -> None:
    assert left_behind(request(seed=0), VERDICTS) == ("seed",)


@pytest.mark.parametrize("fields", [{"n": 2}, {"logprobs": True}, {"stop": ("END",)}, {"seed": 1, "n": 3}])
def test_what_is_no_hint_is_refused_by_name(fields: dict[str, object]) -> None:
    with pytest.raises(NotCarried) as caught:
        left_behind(request(**fields), VERDICTS)
    assert caught.value.status == 400
    assert caught.value.code == "unsupported_by_upstream"
    assert caught.value.param in fields
    assert f"'{caught.value.param}'" in caught.value.message


def test_foreign_fields_are_refused_unless_their_dialect_calls_them_hints() -> None:
    foreign = {"prediction": {"type": "content"}, "grammar": "root ::= x"}
    with pytest.raises(NotCarried) as caught:
        left_behind(request(foreign=foreign, hints=frozenset({"prediction"})), {})
    assert caught.value.param == "grammar"
    assert left_behind(request(foreign=foreign, hints=frozenset(foreign)), {}) == ("prediction", "grammar")


def test_a_refusal_gives_its_reason() -> None:
    assert str(NotCarried("messages", "no audio")).endswith("serves this model: no audio.")


SEARCH = ServerTool(type="web_search", name="web_search")
CODE = ServerTool(type="code_interpreter", name="code_interpreter")


@pytest.mark.parametrize(
    "kind",
    [
        "web_search",
        "web_search_preview",
        "web_search_20250305",
        "web_search_preview_2025_03_11",
        "tool_search",
        "tool_search_tool_regex_20251119",
        "tool_search_tool_bm25",
    ],
)
@pytest.mark.parametrize("mode", [None, "auto", "none"])
def test_search_that_is_merely_offered_is_dropped(kind: str, mode: str | None) -> None:
    choice = None if mode is None else ToolChoice(mode=mode)  # type: ignore[arg-type]
    asked = request(server_tools=(ServerTool(type=kind, name=kind),), tool_choice=choice)
    assert offered_only(asked) == (f"tools[type={kind}]",)


@pytest.mark.parametrize(
    ("tools", "choice"),
    [((), ToolChoice(mode="required")), ((Tool(name="f"),), ToolChoice(mode="tool", name="web_search"))],
)
def test_search_that_is_demanded_is_refused(tools: tuple[Tool, ...], choice: ToolChoice) -> None:
    with pytest.raises(NotCarried) as caught:
        offered_only(request(tools=tools, server_tools=(SEARCH,), tool_choice=choice))
    assert caught.value.param == "tools[type=web_search]"


def test_search_may_be_spared_where_another_tool_must_be_called() -> None:
    asked = request(tools=(Tool(name="f"),), server_tools=(SEARCH,), tool_choice=ToolChoice(mode="required"))
    assert offered_only(asked) == ("tools[type=web_search]",)


@pytest.mark.parametrize("kind", ["code_interpreter", "mcp", "computer", "web_search_options", "my_web_search"])
def test_other_server_tools_are_refused(kind: str) -> None:
    with pytest.raises(NotCarried) as caught:
        offered_only(request(server_tools=(SEARCH, ServerTool(type=kind, name=kind))))
    assert caught.value.param == f"tools[type={kind}]"


def test_what_the_target_runs_is_no_matter() -> None:
    assert offered_only(request(server_tools=(CODE, SEARCH)), runs=("code_interpreter", "web_search")) == ()


@pytest.mark.parametrize(
    ("budget_tokens", "effort"),
    [
        (0, "none"),
        (1, "low"),
        (1024, "low"),
        (8_191, "low"),
        (8_192, "medium"),
        (10_000, "medium"),
        (24_576, "high"),
        (31_999, "high"),
    ],
)
def test_a_budget_pays_for_an_effort(budget_tokens: int, effort: str) -> None:
    assert effort_of(budget_tokens) == effort


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ('{"input": "free \\"text\\""}', 'free "text"'),
        ('{"input": ""}', ""),
        ('{"input": 7}', '{"input": 7}'),
        ('{"text": "x"}', '{"text": "x"}'),
        ('["input"]', '["input"]'),
        ("free text", "free text"),
        ("", ""),
        ("[" * 5000, "[" * 5000),
    ],
)
def test_free_text_out_of_a_functions_arguments(arguments: str, text: str) -> None:
    assert unwrapped(arguments) == text


@pytest.mark.parametrize(
    ("asked", "known", "effort"),
    [
        ("high", ("low", "high"), "high"),
        ("max", ("low", "medium", "high"), "high"),
        ("minimal", ("low", "high"), "low"),
        ("none", ("low", "medium"), "low"),
        ("medium", ("none", "max"), "none"),
    ],
)
def test_an_effort_becomes_the_nearest_that_the_model_knows(
    asked: ReasoningEffort, known: tuple[ReasoningEffort, ...], effort: str
) -> None:
    assert nearest_effort(asked, known) == effort
