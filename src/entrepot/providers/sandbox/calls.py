"""Which tools a turn calls: the forced one, or those its prompt names."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from entrepot import errors
from entrepot.conversation import Tool
from entrepot.providers.sandbox import instance
from entrepot.providers.sandbox.clues import Clues, words_of
from entrepot.providers.sandbox.prompt import Turn, ends_of

# Words in names and descriptions that say nothing of what a tool is for.
_COMMON = frozenset((
    "a", "an", "and", "any", "are", "as", "at", "be", "by", "call", "calculate", "calculates", "compute", "create",
    "creates", "delete", "do", "does", "edit", "fetch", "find", "for", "from", "function", "functions", "generate",
    "generates", "get", "gets", "given", "in", "input", "into", "is", "it", "its", "list", "make", "makes", "my",
    "of", "on", "or", "output", "read", "return", "returns", "run", "set", "sets", "show", "some", "tell", "that",
    "the", "their", "this", "to", "tool", "tools", "update", "use", "used", "uses", "value", "values", "what",
    "when", "which", "with", "write", "you", "your",
))  # fmt: skip
_MARKED = re.compile(r"[_\-\d.]|[a-z][A-Z]")
_THE_TOOL = re.compile(r"\b(?:the|this|your) (?:tool|function)\b", re.IGNORECASE)
_ENDING = re.compile(r"(?:ing|ed|es|s)$")


class Call(msgspec.Struct, frozen=True):
    """A tool to be called, with the JSON text of its arguments, or free text when the tool is a custom one."""

    name: str
    arguments: str
    custom: bool = False


def forced(turn: Turn) -> tuple[Call, ...]:
    """The calls that tool_choice demands, () when it demands none.

    Of several tools those come first that the turn has not called yet: an agent's last tool ends its run.
    Raises UpstreamRefusal, as a provider would, when the demanded tool is not among the tools.
    """
    choice = turn.request.tool_choice
    if choice is None or choice.mode in ("auto", "none"):
        return ()
    if choice.mode == "tool":
        wanted = tuple(tool for tool in turn.request.tools if tool.name == choice.name)
    else:
        fresh = tuple(tool for tool in turn.request.tools if tool.name not in turn.called)
        wanted = _named(turn, fresh) or fresh[:1] or turn.request.tools[-1:]
    if not wanted:
        raise errors.UpstreamRefusal(
            "tool_choice demands a tool that is not among the tools.", status=400, param="tool_choice"
        )
    return fill(turn, wanted)


def named(turn: Turn) -> tuple[Call, ...]:
    """Calls of the tools the prompt names, in its order."""
    choice = turn.request.tool_choice
    if choice is not None and choice.mode == "none":
        return ()
    return fill(turn, _named(turn, turn.request.tools))


def fill(turn: Turn, tools: tuple[Tool, ...]) -> tuple[Call, ...]:
    """Calls of these tools with arguments made from their schemas and the prompt."""
    if turn.request.parallel_tool_calls is False:
        tools = tools[:1]
    names = [tool.name for tool in turn.request.tools]
    text = _without(turn.reading, names)
    clues = Clues(text, ignored=names)
    calls = []
    for tool in tools:
        uses = clues.uses
        arguments = _arguments(tool, clues)
        if clues.uses == uses:  # earlier calls took every value, so this one shares them
            arguments = _arguments(tool, Clues(text, ignored=names))
        calls.append(Call(tool.name, arguments, tool.custom))
    return tuple(calls)


def _arguments(tool: Tool, clues: Clues) -> str:
    if tool.custom:
        return next(iter(clues.quoted()), clues.text)
    schema = {"type": "object", **tool.parameters}
    value = instance.make(schema, clues, param=f"tools.{tool.name}.parameters")
    return msgspec.json.encode(value).decode()


def _without(text: str, names: list[str]) -> str:
    """The prompt without its mentions of tools, whose digits and words are no values."""
    marked = [re.escape(name) for name in sorted(names, key=len, reverse=True) if _MARKED.search(name)]
    return re.sub(rf"(?<!\w)(?:{'|'.join(marked)})(?!\w)", " ", text) if marked else text


def _named(turn: Turn, tools: tuple[Tool, ...]) -> tuple[Tool, ...]:
    prompt = ends_of(turn.prompt)
    stems = {_stem(word): at for at, word in reversed(list(_words(prompt)))}
    places = ((_place(tool, prompt, stems), number, tool) for number, tool in enumerate(tools))
    found = [(place, number, tool) for place, number, tool in places if place is not None]
    if not found and len(tools) == 1 and _THE_TOOL.search(prompt):
        return tools
    exact = [entry for entry in found if _exact(entry[2], prompt) is not None]
    return tuple(tool for _, _, tool in sorted(exact or found, key=lambda entry: entry[:2]))


def _place(tool: Tool, prompt: str, stems: dict[str, int]) -> int | None:
    """Where the prompt names the tool: by its name, the words of its name, or those of its description."""
    exact = _exact(tool, prompt)
    if exact is not None:
        return exact
    name = _telling(words_of(tool.name))
    purpose = _telling(tool.description.partition(".")[0]) - name
    if name and name <= stems.keys():
        return min(stems[word] for word in name)
    shared = purpose & stems.keys()
    mentioned = not name and any(_stem(word) in stems for word in words_of(tool.name).split())
    if (shared and mentioned) or (len(shared) >= 2 and 2 * len(shared) >= len(purpose)):
        return min(stems[word] for word in shared)
    return None


def _exact(tool: Tool, prompt: str) -> int | None:
    """Where the name itself stands; a plain word counts when it is quoted, called or said to be a tool."""
    name = re.escape(tool.name)
    if _MARKED.search(tool.name):
        match = re.search(rf"(?<!\w){name}(?!\w)", prompt)
    else:
        match = re.search(rf"(?<!\w){name}(?:\(|[\"'`]? (?:tool|function)\b)|(?<=[\"'`]){name}(?=[\"'`])", prompt)
    return match.start() if match else None


def _telling(text: str) -> set[str]:
    return {_stem(word) for _, word in _words(text) if word not in _COMMON and len(word) > 2}


def _words(text: str) -> Iterator[tuple[int, str]]:
    return ((match.start(), match[0].lower()) for match in re.finditer(r"[^\W\d_]+", text))


def _stem(word: str) -> str:
    return _ENDING.sub("", word) if len(word) > 4 else word
