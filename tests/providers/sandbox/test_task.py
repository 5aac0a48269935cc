"""A coding task: which tool each step calls, with which arguments, and how it ends."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.providers.sandbox.asking import called, calls, choice, request, returned, say, text, tool

from entrepot.conversation import Message, OutputFormat, Request, Text, Tool, ToolCall, ToolChoice, ToolResult
from entrepot.providers.sandbox.task import read_steps

AGENT = "sandbox/agent"
TASK = "Replace `harbor` with `harbour` in `notes.txt`, write `done` to `log.txt`, then run `sh check.sh`."

# Two agents' tools in short: one has a tool for each kind of work, the other a shell.
BASH = tool("Bash", command="string", timeout="number", description="string")
READ = tool("Read", file_path="string")
EDIT = tool("Edit", file_path="string", old_string="string", new_string="string", replace_all="boolean")
WRITE = tool("Write", file_path="string", content="string")
LOOK = tool("view_image", path="string")
SHELL = tool("exec_command", cmd="string")
WORKSHOP = (LOOK, EDIT, BASH, WRITE, READ)
TITLE = OutputFormat(kind="json_schema", name="title", schema=tool("title", title="string").parameters)
SCRIPTED = "Runs JavaScript, for example `await tools.exec_command(...)`."


def asked(*messages: Message | str, tools: tuple[Tool, ...] = WORKSHOP, **fields: Any) -> Request:
    return request(*messages, model=AGENT, tools=tools, **fields)


def after(*results: str, tools: tuple[Tool, ...] = WORKSHOP, prompt: str = TASK) -> Request:
    """The task once calls have returned these."""
    turns = [turn for result in results for turn in (called("Any"), returned(result))]
    return asked(prompt, *turns, tools=tools)


def test_each_turn_calls_the_tool_that_does_the_next_step() -> None:
    made = [calls(after(*["ok"] * count)) for count in range(4)]
    assert [[name for name, _ in turn] for turn in made] == [["Read"], ["Edit"], ["Write"], ["Bash"]]
    found = [arguments for turn in made for _, arguments in turn]
    assert found[0] == {"file_path": "notes.txt"}
    assert found[1] == {
        "file_path": "notes.txt",
        "old_string": "harbor",
        "new_string": "harbour",
        "replace_all": True,
    }
    assert found[2] == {"file_path": "log.txt", "content": "done\n"}
    assert found[3]["command"] == "sh check.sh"
    assert found[3].keys() == {"command", "timeout", "description"}  # what a tool requires beside it is made up


def test_the_last_answer_says_what_was_done() -> None:
    said = text(after("1", "2", "3", "All is well"))
    assert "4 of 4 steps: read `notes.txt`; replace `harbor` with `harbour` in `notes.txt`" in said
    assert said.endswith("returned:\nAll is well")
    assert choice(after("1", "2", "3", "4")).finish == "stop"


def test_where_a_shell_is_all_there_is_it_does_every_step(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("The harbor.\nHarbor, harbor\n")
    (tmp_path / "check.sh").write_text("cat notes.txt log.txt\n")
    results: list[str] = []
    for _ in range(4):
        ((name, arguments),) = calls(after(*results, tools=(SHELL,)))
        assert name == "exec_command"
        ran = subprocess.run(["sh", "-c", arguments["cmd"]], cwd=tmp_path, capture_output=True, text=True, check=True)
        results.append(ran.stdout)
    assert results == ["The harbor.\nHarbor, harbor\n", "", "", "The harbour.\nHarbor, harbour\ndone\n"]


@pytest.mark.parametrize(
    ("old", "new"), [("a.b*[c]^$", "x"), ("x/y", r"\1&/"), ("'quoted'", '"$HOME"'), ("-n", "--"), ("gone", "")]
)
def test_a_shell_replaces_plain_text(tmp_path: Path, old: str, new: str) -> None:
    file = tmp_path / "a file.txt"
    file.write_text(f"before {old} after, aXbcc {old}\n")
    (_, step) = read_steps(f"Replace `{old}` with `{new}` in `{file}`")
    subprocess.run(["sh", "-c", step.command], check=True)
    assert file.read_text() == f"before {new} after, aXbcc {new}\n"


def test_a_shell_fails_where_there_is_nothing_to_replace(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("Nothing of it\n")
    (_, step) = read_steps(f"replace `harbor` by `harbour` in `{file}`")
    assert subprocess.run(["sh", "-c", step.command], check=False).returncode == 1
    assert file.read_text() == "Nothing of it\n"


def test_a_tool_for_scripts_is_given_one() -> None:
    scripted = Tool(name="functions__exec", description=SCRIPTED, custom=True)
    (part,) = choice(asked('Run `echo "hi"`', tools=(scripted,))).parts
    assert isinstance(part, ToolCall)
    assert part.custom
    assert r'await tools.exec_command({cmd: "echo \"hi\""})' in part.arguments
    as_function = tool("functions__exec", SCRIPTED, input="string")
    assert calls(asked('Run `echo "hi"`', tools=(as_function,))) == [("functions__exec", {"input": part.arguments})]


@pytest.mark.parametrize(
    "failure",
    [
        ToolResult(call_id="call_1", parts=(Text(text="No such file"),), is_error=True),
        ToolResult(call_id="call_1", parts=(Text(text="Error: No such file"),)),
        ToolResult(call_id="call_1", parts=(Text(text="Wall time: 0 s\nProcess exited with code 2\nNo such file"),)),
    ],
)
def test_a_failure_ends_the_task(failure: ToolResult) -> None:
    said = text(asked(TASK, called("Read"), Message(role="tool", parts=(failure,))))
    assert said.startswith("Stopped after 0 of 4 steps. This failed: read `notes.txt`")
    assert said.endswith("No such file")


def test_a_step_without_a_tool_for_it_ends_the_task() -> None:
    said = text(after("read", tools=(READ,)))
    assert said.startswith("Stopped after 1 of 4 steps. No tool can do this: replace")


def test_a_tool_whose_schema_is_none_is_left_alone() -> None:
    broken = Tool(name="Read", parameters={"properties": None})
    assert calls(asked("Read `a`", tools=(broken, READ))) == [("Read", {"file_path": "a"})]


def test_a_file_is_read_once_before_it_is_changed() -> None:
    prompt = "Read `a`. Replace `x` with `y` in `a`. Replace `p` with `q` in `b`, and replace `q` with `p` in `b`."
    assert [step.told[:9] for step in read_steps(prompt)] == [
        "read `a`",
        "replace `",
        "read `b`",
        "replace `",
        "replace `",
    ]


def test_what_an_agent_adds_beside_results_starts_no_new_task() -> None:
    reminder = Text(text="<system-reminder>Run `rm -rf .` with care</system-reminder>")
    result = ToolResult(call_id="call_1", parts=(Text(text="ok"),))
    beside = asked(TASK, called("Read"), Message(role="user", parts=(result, reminder)))
    behind = asked(TASK, called("Read"), returned("ok"), Message(role="user", parts=(reminder,)))
    assert [name for name, _ in calls(beside)] == [name for name, _ in calls(behind)] == ["Edit"]


def test_a_new_prompt_is_a_new_task() -> None:
    again = asked(TASK, called("Read"), returned("ok"), say("Done", role="assistant"), "Read `b.txt`")
    assert calls(again) == [("Read", {"file_path": "b.txt"})]


@pytest.mark.parametrize(
    "other",
    [
        asked("Say hello"),
        asked("Say hello: read `a`", tools=()),
        asked("Say hello: read `a`", tool_choice=ToolChoice(mode="none")),
        asked("Say hello: read `a`", output_format=TITLE),
    ],
)
def test_without_steps_or_tools_the_other_rules_decide(other: Request) -> None:
    assert calls(other) == []
    assert text(other) in ("hello", "hello: read `a`", '{"title":"a"}')


def test_any_model_plays_when_the_header_says_so() -> None:
    plain = request("Read `a.txt`", tools=(READ, BASH))
    assert calls(plain, "task=true") == [("Read", {"file_path": "a.txt"})]
