"""The three kinds of output items while they are being written: what each neutral event adds to one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from entrepot.conversation import (
    ChoiceEvent,
    PartEnded,
    Reasoning,
    ReasoningDelta,
    RefusalDelta,
    TextDelta,
    TokenLogprob,
    ToolCallDelta,
    ToolCallStarted,
)
from entrepot.dialects.carrying import unwrapped
from entrepot.dialects.openai_responses.names import Names
from entrepot.dialects.openai_responses.reasoning import encrypted_content
from entrepot.dialects.openai_responses.tools import offered, returned
from entrepot.dialects.shapes import Value

Payload = dict[str, Any]
"""A stream event without its sequence number; one of an open item also lacks the item's id and place."""

Status = Literal["completed", "incomplete"]


class Asked:
    """What the request's body says about the form of the output."""

    def __init__(self, echo: Mapping[str, Any]) -> None:
        reasoning = echo.get("reasoning") or {}
        self.names = Names([tool.raw for tool in offered(Value(echo))])
        self.summary = bool(reasoning.get("summary") or reasoning.get("generate_summary"))
        self.encrypted = "reasoning.encrypted_content" in (echo.get("include") or ())


def is_empty(event: ChoiceEvent) -> bool:
    """Servers begin with empty text; an item for it would stand before the reasoning."""
    match event:
        case TextDelta():
            return not event.text and not event.logprobs
        case RefusalDelta():
            return not event.text
        case ReasoningDelta():
            return not (event.text or event.signature or event.redacted or event.encrypted)
        case _:
            return False


class Message:
    """A message of the assistant, whose parts are texts and refusals."""

    def __init__(self, id: str) -> None:
        self.id = id
        self._parts: list[dict[str, Any]] = []
        self._texts: list[str] = []
        self._logprobs: list[dict[str, Any]] = []
        self._kind: str | None = None
        self._ended = False

    def begun(self) -> dict[str, Any]:
        return self._item("in_progress", [])

    def takes(self, event: ChoiceEvent) -> bool:
        return isinstance(event, TextDelta | RefusalDelta | PartEnded)

    def add(self, event: ChoiceEvent) -> Iterator[Payload]:
        if isinstance(event, PartEnded):
            self._ended = True
        elif isinstance(event, TextDelta | RefusalDelta) and not is_empty(event):
            kind = "output_text" if isinstance(event, TextDelta) else "refusal"
            if self._ended or kind != self._kind:
                yield from self.close()
                self._kind = kind
                yield {"type": "response.content_part.added", **self._place(), "part": self._part()}
            self._texts.append(event.text)
            delta: Payload = {"type": f"response.{kind}.delta", **self._place(), "delta": event.text}
            if isinstance(event, TextDelta):
                logprobs = [emit_logprob(token) for token in event.logprobs or ()]
                self._logprobs += logprobs
                delta["logprobs"] = logprobs
            yield delta

    def close(self) -> Iterator[Payload]:
        if self._kind is None:
            return
        part, field = self._part(), "text" if self._kind == "output_text" else "refusal"
        done = {name: part[name] for name in (field, "logprobs") if name in part}
        yield {"type": f"response.{self._kind}.done", **self._place(), **done}
        yield {"type": "response.content_part.done", **self._place(), "part": part}
        self._parts.append(part)
        self._texts, self._logprobs, self._kind, self._ended = [], [], None, False

    def item(self, status: Status) -> dict[str, Any]:
        return self._item(status, self._parts)

    def _item(self, status: str, content: list[dict[str, Any]]) -> dict[str, Any]:
        return {"id": self.id, "type": "message", "status": status, "role": "assistant", "content": content}

    def _place(self) -> dict[str, Any]:
        return {"content_index": len(self._parts)}

    def _part(self) -> dict[str, Any]:
        text = "".join(self._texts)
        if self._kind == "refusal":
            return {"type": "refusal", "refusal": text}
        return {"type": "output_text", "text": text, "annotations": [], "logprobs": list(self._logprobs)}


class Thought:
    """A reasoning item: a summary where the client asked for one, else the text as OpenAI's open models give it.

    https://cookbook.openai.com/articles/gpt-oss/handle-raw-cot
    """

    def __init__(self, id: str, asked: Asked) -> None:
        self.id = id
        self._asked = asked
        self._reasoning = Reasoning()
        self._texts: list[str] = []
        self._ended = False
        if asked.summary:
            self._field, self._part_type, self._place = "summary", "summary_text", {"summary_index": 0}
            self._part_event, self._text_event = "reasoning_summary_part", "reasoning_summary_text"
        else:
            self._field, self._part_type, self._place = "content", "reasoning_text", {"content_index": 0}
            self._part_event, self._text_event = "content_part", "reasoning_text"

    def begun(self) -> dict[str, Any]:
        return self._item("in_progress")

    def takes(self, event: ChoiceEvent) -> bool:
        return isinstance(event, PartEnded) or (isinstance(event, ReasoningDelta) and not self._ended)

    def add(self, event: ChoiceEvent) -> Iterator[Payload]:
        if isinstance(event, PartEnded):
            self._ended = True
        elif isinstance(event, ReasoningDelta):
            if event.text:
                yield from self._said(event.text)
            last = self._reasoning
            self._reasoning = Reasoning(
                signature=event.signature or last.signature,
                redacted=event.redacted or last.redacted,
                encrypted=event.encrypted or last.encrypted,
            )
            self._ended = bool(event.signature or event.redacted or event.encrypted)

    def close(self) -> Iterator[Payload]:
        if self._texts:
            yield {"type": f"response.{self._text_event}.done", **self._place, "text": "".join(self._texts)}
            yield {"type": f"response.{self._part_event}.done", **self._place, "part": self._part()}

    def item(self, status: Status) -> dict[str, Any]:
        return self._item(status)

    def _said(self, text: str) -> Iterator[Payload]:
        if not self._texts:
            yield {"type": f"response.{self._part_event}.added", **self._place, "part": self._part()}
        self._texts.append(text)
        yield {"type": f"response.{self._text_event}.delta", **self._place, "delta": text}

    def _part(self) -> dict[str, Any]:
        return {"type": self._part_type, "text": "".join(self._texts)}

    def _item(self, status: str) -> dict[str, Any]:
        last = self._reasoning
        whole = Reasoning(
            text="".join(self._texts), signature=last.signature, redacted=last.redacted, encrypted=last.encrypted
        )
        item: dict[str, Any] = {
            "id": self.id,
            "type": "reasoning",
            "status": status,
            "summary": [],
            "content": [],
            "encrypted_content": encrypted_content(whole, asked=self._asked.encrypted),
        }
        return item | {self._field: [self._part()]} if self._texts else item


class Call:
    """A call of a function or custom tool.

    A custom tool's call that comes as a function's, from a dialect without custom tools, is held until its JSON
    is whole and its text can be taken out.
    """

    def __init__(self, id: str, started: ToolCallStarted, asked: Asked, *, custom: bool) -> None:
        self.id = id
        self._head = {"call_id": started.id, **returned(started.name, asked.names)}
        self._wrapped = custom and not started.custom
        self._texts: list[str] = []
        self._ended = False
        self._kind, self._field, self._event = (
            ("custom_tool_call", "input", "custom_tool_call_input")
            if custom
            else ("function_call", "arguments", "function_call_arguments")
        )

    def begun(self) -> dict[str, Any]:
        return self._item("in_progress", "")

    def takes(self, event: ChoiceEvent) -> bool:
        return isinstance(event, PartEnded | ToolCallDelta) and not self._ended

    def add(self, event: ChoiceEvent) -> Iterator[Payload]:
        if isinstance(event, PartEnded):
            self._ended = True
        elif isinstance(event, ToolCallDelta) and event.arguments:
            self._texts.append(event.arguments)
            if not self._wrapped:
                yield self._delta(event.arguments)

    def close(self) -> Iterator[Payload]:
        """Arguments that never came are those of a function without any: clients parse them as JSON."""
        text = self._text()
        if text and (self._wrapped or not self._texts):
            yield self._delta(text)
        name = {"name": self._head["name"]} if self._kind == "function_call" else {}
        yield {"type": f"response.{self._event}.done", **name, self._field: text}

    def item(self, status: Status) -> dict[str, Any]:
        return self._item(status, self._text())

    def _text(self) -> str:
        text = "".join(self._texts)
        if self._wrapped:
            return unwrapped(text)
        return text or ("{}" if self._kind == "function_call" else "")

    def _delta(self, text: str) -> Payload:
        return {"type": f"response.{self._event}.delta", "delta": text}

    def _item(self, status: str, text: str) -> dict[str, Any]:
        return {"id": self.id, "type": self._kind, "status": status, **self._head, self._field: text}


def emit_logprob(token: TokenLogprob) -> dict[str, Any]:
    return {
        "token": token.token,
        "logprob": token.logprob,
        "bytes": list(token.token.encode()),
        "top_logprobs": [
            {"token": top.token, "logprob": top.logprob, "bytes": list(top.token.encode())} for top in token.top
        ],
    }
