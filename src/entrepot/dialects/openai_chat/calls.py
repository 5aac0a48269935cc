"""Tool calls put together from the fragments of a stream.

Servers differ: ids and names come late, again with every fragment or never, the index is missing or always
0, arguments come in pieces or whole. A call is announced once its id and name are known, and never before
the calls that began before it; what came of its arguments until then waits.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import msgspec

from entrepot.conversation import ToolCallDelta, ToolCallStarted
from entrepot.errors import UpstreamBroken

CallEvent = ToolCallStarted | ToolCallDelta

NAMELESS = "The upstream called a tool without naming it."
LEGACY = -1
"""Index of a `function_call`, the form before there were tools."""


class Fragment(msgspec.Struct, frozen=True, kw_only=True):
    """What one delta says of one call; empty strings where it says nothing."""

    index: int | None
    id: str
    name: str
    arguments: str
    custom: bool


def fragment(value: dict[str, Any], index: int | None = None) -> Fragment:
    """A fragment out of a delta's `tool_calls`, or a whole call out of a message's."""
    custom = isinstance(value.get("custom"), dict)
    body = value.get("custom" if custom else "function")
    body = body if isinstance(body, dict) else {}
    given = value.get("index")
    return Fragment(
        index=given if isinstance(given, int) else index,
        id=_text(value.get("id")),
        name=_text(body.get("name")),
        arguments=_arguments(body.get("input" if custom else "arguments")),
        custom=custom,
    )


def made_up_id(response_id: str, choice: int, place: int, name: str, arguments: str) -> str:
    """An id for a call that came without: the same for the same answer, and as unlike others as random ones."""
    said = "\0".join((response_id, str(choice), str(place), name, arguments))
    return f"call_{hashlib.sha256(said.encode('utf-8', 'replace')).hexdigest()[:24]}"


class _Call:
    """`place` counts the calls of the choice from 0; `waiting` holds arguments that have not been passed on."""

    def __init__(self, place: int) -> None:
        self.place = place
        self.id = self.name = ""
        self.custom = self.announced = False
        self.waiting: list[str] = []

    def is_continued_by(self, fragment: Fragment) -> bool:
        """A name beside another id, or another name where there are no ids, begins another call."""
        if not (self.name and fragment.name):
            return True
        if self.id and fragment.id:
            return self.id == fragment.id
        return self.name == fragment.name and fragment.index is not None

    def take(self, fragment: Fragment) -> None:
        self.id = self.id or fragment.id
        self.name = self.name or fragment.name
        self.custom = self.custom or fragment.custom
        if fragment.arguments:
            self.waiting.append(fragment.arguments)


class Calls:
    """The calls of one choice: `add` fragments, `close` at the end."""

    def __init__(self, choice: int, response_id: str) -> None:
        self._choice = choice
        self._response_id = response_id
        self._calls: list[_Call] = []
        self._by_index: dict[int, _Call] = {}
        self._by_id: dict[str, _Call] = {}
        self._announced = 0

    def __len__(self) -> int:
        return len(self._calls)

    def add(self, fragment: Fragment) -> Iterator[CallEvent]:
        call = self._of(fragment)
        call.take(fragment)
        self._by_id.setdefault(call.id, call)
        if call.announced:
            yield from self._pass_on(call)
        else:
            yield from self._announce()

    def close(self) -> Iterator[CallEvent]:
        """Calls that waited for an id get one. Raises UpstreamBroken for a call without a name."""
        for call in self._calls[self._announced :]:
            if not call.name:
                raise UpstreamBroken(NAMELESS)
            made_up = made_up_id(self._response_id, self._choice, call.place, call.name, "".join(call.waiting))
            call.id = call.id or made_up
        yield from self._announce()

    def _of(self, fragment: Fragment) -> _Call:
        call = self._open(fragment)
        if call is None or not call.is_continued_by(fragment):
            call = _Call(len(self._calls))
            self._calls.append(call)
            if fragment.index is not None:
                self._by_index[fragment.index] = call
        return call

    def _open(self, fragment: Fragment) -> _Call | None:
        """The call under the fragment's index; without an index, the one of its id or the last of all."""
        if fragment.index is not None:
            return self._by_index.get(fragment.index)
        last = self._calls[-1] if self._calls else None
        if fragment.id and fragment.id in self._by_id:
            return self._by_id[fragment.id]
        return None if last and last.id and fragment.id and fragment.name else last

    def _announce(self) -> Iterator[CallEvent]:
        while self._announced < len(self._calls):
            call = self._calls[self._announced]
            if not (call.id and call.name):
                return
            call.announced = True
            self._announced += 1
            yield ToolCallStarted(id=call.id, name=call.name, call=call.place, choice=self._choice, custom=call.custom)
            yield from self._pass_on(call)

    def _pass_on(self, call: _Call) -> Iterator[CallEvent]:
        if call.waiting:
            yield ToolCallDelta(arguments="".join(call.waiting), call=call.place, choice=self._choice)
            call.waiting.clear()


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _arguments(value: Any) -> str:
    """Some servers send the arguments as an object instead of its text."""
    return msgspec.json.encode(value).decode() if isinstance(value, dict) else _text(value)
