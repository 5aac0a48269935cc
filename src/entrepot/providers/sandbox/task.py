"""A coding task, played step by step: the model's side of an agent's work.

    Replace `harbor` with `harbour` in `notes.txt`, then run `sh check.sh`.

The prompt tells the steps and each turn calls one of the client's tools, known by the properties of its schema. How
many were called since the prompt tells which step is next, so the sandbox keeps nothing.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from entrepot.conversation import Tool
from entrepot.providers.sandbox import instance
from entrepot.providers.sandbox.calls import Call
from entrepot.providers.sandbox.clues import Clues
from entrepot.providers.sandbox.delivery import Answer
from entrepot.providers.sandbox.prompt import Turn, ends_of

_STEPS = re.compile(
    r"\bread `(?P<read>[^`\n]+)`"
    r"|\breplace `(?P<old>[^`\n]+)` (?:with|by) `(?P<new>[^`\n]*)` in `(?P<edited>[^`\n]+)`"
    r"|\bwrite `(?P<text>[^`\n]*)` to `(?P<written>[^`\n]+)`"
    r"|\brun `(?P<command>[^`\n]+)`",
    re.IGNORECASE,
)

# What coding agents call the properties of their tools. A tool that has one for each value can do the step.
_NAMES: Mapping[str, tuple[str, ...]] = {
    "path": ("file_path", "filePath", "filepath", "path"),
    "old": ("old_string", "oldString", "old_str"),
    "new": ("new_string", "newString", "new_str"),
    "text": ("content", "contents"),
    "command": ("command", "cmd"),
}
_EVERYWHERE = ("replace_all", "replaceAll")

# Codex gives the models it knows one tool that runs JavaScript, and all others as functions in there.
_SCRIPTED = "await tools.exec_command("
_SCRIPT = """\
const done = await tools.exec_command({{cmd: {command}}});
text(`Process exited with code ${{done.exit_code}}\\n${{done.output}}`);
"""

# How a failure reads that has no mark of its own: from another dialect, or in the head of Codex's results.
_FAILED = re.compile(r"Error:|(?:.*\n){0,4}.*exited with code [1-9]")


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to do: as the prompt tells it, its values by their meaning, and a command line that does it too."""

    told: str
    values: Mapping[str, str]
    command: str

    @property
    def is_reading(self) -> bool:
        return self.values.keys() == {"path"}


def play(turn: Turn) -> Answer | None:
    """The call of the next step, or after the last one what was done. None where the prompt tells no steps."""
    steps = tuple(read_steps(ends_of(turn.prompt)))
    choice, output = turn.request.tool_choice, turn.request.output_format
    if not steps or not turn.request.tools or (choice and choice.mode == "none") or (output and output.kind != "text"):
        return None
    done = min(len(turn.called), len(steps))
    if done and _has_failed(turn):
        return _stopped(steps, done - 1, f"This failed: {steps[done - 1].told}\n\n{turn.results_text}")
    if done == len(steps):
        told = "; ".join(step.told for step in steps)
        return Answer(text=f"Done, {done} of {done} steps: {told}.\n\nThe last one returned:\n{turn.results_text}")
    tools = tuple(tool for tool in turn.request.tools if instance.is_schema(tool.parameters))
    call = _call(steps[done], tools)
    return Answer(calls=(call,)) if call else _stopped(steps, done, f"No tool can do this: {steps[done].told}")


def read_steps(prompt: str) -> Iterator[Step]:
    """The steps that a prompt tells, in its order. A file is read before the first change in it: agents insist."""
    seen: set[str] = set()
    for found in _STEPS.finditer(prompt):
        values = {name: value for name, value in found.groupdict().items() if value is not None}
        path = values.get("read") or values.get("edited") or values.get("written")
        if "edited" in values and path not in seen:
            yield _reading(values["edited"])
        if path:
            seen.add(path)
        yield _step(found[0], values)


def _has_failed(turn: Turn) -> bool:
    return any(result.is_error for result in turn.results) or _FAILED.match(turn.results_text) is not None


def _reading(path: str) -> Step:
    return _step(f"read `{path}`", {"read": path})


def _step(told: str, found: Mapping[str, str]) -> Step:
    told = told[0].lower() + told[1:]
    match found:
        case {"read": path}:
            return Step(told=told, values={"path": path}, command=f"cat {shlex.quote(path)}")
        case {"edited": path, "old": old, "new": new}:
            return Step(told=told, values={"path": path, "old": old, "new": new}, command=_replace(old, new, path))
        case {"written": path, "text": text}:
            command = f"printf '%s\\n' {shlex.quote(text)} > {shlex.quote(path)}"
            return Step(told=told, values={"path": path, "text": f"{text}\n"}, command=command)
        case _:
            return Step(told=told, values={"command": found["command"]}, command=found["command"])


def _replace(old: str, new: str, path: str) -> str:
    """A command that replaces plain text, and fails where there is none of it."""
    pattern, replacement = re.sub(r"[\\/.*^$\[]", r"\\\g<0>", old), re.sub(r"[\\/&]", r"\\\g<0>", new)
    file, script = shlex.quote(path), shlex.quote(f"s/{pattern}/{replacement}/g")
    return f'grep -qF -- {shlex.quote(old)} {file} && text=$(sed {script} {file}) && printf "%s\\n" "$text" > {file}'


def _stopped(steps: tuple[Step, ...], done: int, why: str) -> Answer:
    return Answer(text=f"Stopped after {done} of {len(steps)} steps. {why}")


def _call(step: Step, tools: tuple[Tool, ...]) -> Call | None:
    """A call of the first tool that can do the step, else of one that runs its command."""
    for tool in tools:
        named = _named(step, tool)
        if named is not None:
            return Call(tool.name, _arguments(tool, named))
    if "command" not in step.values:
        return _call(Step(told=step.told, values={"command": step.command}, command=step.command), tools)
    return next((_scripted(step, tool) for tool in tools if _SCRIPTED in tool.description), None)


def _named(step: Step, tool: Tool) -> dict[str, Any] | None:
    """The step's values under the tool's names for them, if it has all. A path alone says nothing of reading."""
    properties = tool.parameters.get("properties", {})
    named: dict[str, Any] = {
        name: value for meaning, value in step.values.items() for name in _NAMES[meaning] if name in properties
    }
    if len(named) < len(step.values) or (step.is_reading and "read" not in tool.name.lower()):
        return None
    return named | {name: True for name in _EVERYWHERE if name in properties}


def _arguments(tool: Tool, named: Mapping[str, Any]) -> str:
    """These values, and made-up ones for whatever else the tool requires."""
    properties = tool.parameters.get("properties", {})
    required = dict.fromkeys((*tool.parameters.get("required", ()), *named))
    wanted = {name: {"const": named[name]} if name in named else properties.get(name, {}) for name in required}
    schema = {"type": "object", **tool.parameters, "properties": wanted, "required": list(required)}
    value = instance.make(schema, Clues(""), param=f"tools.{tool.name}.parameters")
    return msgspec.json.encode(value).decode()


def _scripted(step: Step, tool: Tool) -> Call:
    """A call of a tool that takes a script, itself or (as other dialects have it) as its only string."""
    script = _SCRIPT.format(command=msgspec.json.encode(step.command).decode())
    return Call(tool.name, script, custom=True) if tool.custom else Call(tool.name, _arguments(tool, {"input": script}))
