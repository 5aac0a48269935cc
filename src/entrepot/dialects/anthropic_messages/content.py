"""Content blocks of a request, read into neutral parts.

What a server of Anthropic's did in earlier turns is flattened to text. A block of a kind not known here
stays foreign, so that it passes to Anthropic and is refused by name to anyone else.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from entrepot.conversation import (
    CacheHint,
    Document,
    Image,
    Part,
    Reasoning,
    Text,
    ToolCall,
    ToolReference,
    ToolResult,
)
from entrepot.dialects.anthropic_messages.data_urls import write_data_url
from entrepot.dialects.anthropic_messages.signatures import read_signed
from entrepot.dialects.foreign import Foreign
from entrepot.dialects.shapes import Value


def read_content(content: Value, foreign: Foreign) -> list[Part]:
    """The parts of a message, a system prompt or a document: a string, or an array of blocks."""
    if isinstance(content.raw, str):
        return [Text(text=content.raw)]
    return [part for block in content for part in _block(block, foreign)]


def read_cache(block: Value, foreign: Foreign) -> CacheHint | None:
    control = block["cache_control"]
    if control.raw is None:
        return None
    if control["type"].text() != "ephemeral":
        foreign.keep_value(control)
        return None
    return "1h" if control["ttl"].text_or_none() == "1h" else "5m"


def _block(block: Value, foreign: Foreign) -> Iterator[Part]:
    match block["type"].text():
        case "text":
            foreign.keep_value(block["citations"], hint=True)
            yield Text(text=block["text"].text(), cache=read_cache(block, foreign))
        case "image":
            yield from _image(block, foreign)
        case "document":
            yield from _document(block, foreign)
        case "search_result":
            yield _search_result(block, foreign)
        case "tool_use":
            yield _call(block, foreign)
        case "tool_result":
            yield _result(block, foreign)
        case "tool_reference":
            yield ToolReference(name=block["tool_name"].text())
        case "thinking":
            yield read_signed(block["thinking"].text(), block["signature"].text_or_none())
        case "redacted_thinking":
            yield Reasoning(redacted=block["data"].text())
        case "server_tool_use":
            arguments = msgspec.json.encode(block["input"].table_or_none()).decode()
            yield Text(text=f"[{block['name'].text()}: {arguments}]")
        case "web_search_tool_result":
            yield _web_search_result(block)
        case _:
            foreign.keep_value(block)


def _image(block: Value, foreign: Foreign) -> Iterator[Image]:
    source = block["source"]
    foreign.keep_value(block["transformations"])
    match source["type"].text():
        case "base64":
            yield Image(url=_data_url(source), cache=read_cache(block, foreign))
        case "url":
            yield Image(url=source["url"].text(), cache=read_cache(block, foreign))
        case _:
            foreign.keep_value(source)


def _document(block: Value, foreign: Foreign) -> Iterator[Part]:
    """A PDF stays a document; text is text to every model, with its title and context before it."""
    source, title, cache = block["source"], block["title"].text_or_none(), read_cache(block, foreign)
    if block["citations"]["enabled"].flag_or_none():
        foreign.keep_value(block["citations"])
    context = block["context"].text_or_none()
    match source["type"].text():
        case "base64":
            yield from _introduction(context)
            yield Document(url=_data_url(source), filename=title, cache=cache)
        case "url":
            yield from _introduction(context)
            yield Document(url=source["url"].text(), filename=title, cache=cache)
        case "file":
            yield from _introduction(context)
            yield Document(file_id=source["file_id"].text(), filename=title, cache=cache)
        case "text":
            yield from _introduction(title, context)
            yield Text(text=source["data"].text(), cache=cache)
        case "content":
            yield from _introduction(title, context)
            yield from read_content(source["content"], foreign)
        case _:
            foreign.keep_value(source)


def _introduction(*texts: str | None) -> Iterator[Text]:
    for text in texts:
        if text:
            yield Text(text=text)


def _search_result(block: Value, foreign: Foreign) -> Text:
    if block["citations"]["enabled"].flag_or_none():
        foreign.keep_value(block["citations"])
    texts = [item["text"].text() for item in block["content"]]
    heading = [block["title"].text(), block["source"].text()]
    return Text(text="\n".join([*heading, *texts]), cache=read_cache(block, foreign))


def _call(block: Value, foreign: Foreign) -> ToolCall:
    caller = block["caller"]
    if caller["type"].text_or_none() not in (None, "direct"):
        foreign.keep_value(caller)
    foreign.keep_value(block["toolset_name"])
    return ToolCall(
        id=block["id"].text(),
        name=block["name"].text(),
        arguments=msgspec.json.encode(block["input"].table_or_none()).decode(),
        cache=read_cache(block, foreign),
    )


def _result(block: Value, foreign: Foreign) -> ToolResult:
    parts = []
    for part in read_content(block["content"], foreign):
        if not isinstance(part, Text | Image | Document | ToolReference):
            raise block["content"].wrong("text, images, documents and tool references")
        parts.append(part)
    foreign.keep_value(block["toolset_name"])
    return ToolResult(
        call_id=block["tool_use_id"].text(),
        parts=tuple(parts),
        is_error=bool(block["is_error"].flag_or_none()),
        cache=read_cache(block, foreign),
    )


def _web_search_result(block: Value) -> Text:
    content = block["content"]
    if isinstance(content.raw, dict):
        return Text(text=f"[search failed: {content['error_code'].text()}]")
    found = [f"{item['title'].text()} — {item['url'].text()}" for item in content]
    return Text(text="\n".join(["[search results]", *found]))


def _data_url(source: Value) -> str:
    return write_data_url(source["media_type"].text(), source["data"].text())
