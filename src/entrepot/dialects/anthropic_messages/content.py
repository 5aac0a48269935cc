"""Content blocks of a request, read into neutral parts.

What a server of Anthropic's did in earlier turns is flattened to text. A block of a kind not known here
stays with the leftovers, so that it passes to Anthropic and is refused by name to anyone else.
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
from entrepot.dialects.anthropic_messages.cursor import Cursor, Leftovers
from entrepot.dialects.anthropic_messages.data_urls import write_data_url
from entrepot.dialects.anthropic_messages.signatures import read_signed


def read_content(content: Cursor, left: Leftovers) -> list[Part]:
    """The parts of a message, a system prompt or a document: a string, or an array of blocks."""
    if isinstance(content.value, str):
        return [Text(text=content.value)]
    return [part for block in content.items() for part in _block(block, left)]


def read_cache(block: Cursor, left: Leftovers) -> CacheHint | None:
    control = block.child("cache_control")
    if control.value is None:
        return None
    if control.child("type").text() != "ephemeral":
        left.keep(control)
        return None
    return "1h" if control.child("ttl").text_or_none() == "1h" else "5m"


def _block(block: Cursor, left: Leftovers) -> Iterator[Part]:
    match block.child("type").text():
        case "text":
            left.keep_hint(block.child("citations"))
            yield Text(text=block.child("text").text(), cache=read_cache(block, left))
        case "image":
            yield from _image(block, left)
        case "document":
            yield from _document(block, left)
        case "search_result":
            yield _search_result(block, left)
        case "tool_use":
            yield _call(block, left)
        case "tool_result":
            yield _result(block, left)
        case "tool_reference":
            yield ToolReference(name=block.child("tool_name").text())
        case "thinking":
            yield read_signed(block.child("thinking").text(), block.child("signature").text_or_none())
        case "redacted_thinking":
            yield Reasoning(redacted=block.child("data").text())
        case "server_tool_use":
            arguments = msgspec.json.encode(block.child("input").mapping()).decode()
            yield Text(text=f"[{block.child('name').text()}: {arguments}]")
        case "web_search_tool_result":
            yield _web_search_result(block)
        case _:
            left.keep(block)


def _image(block: Cursor, left: Leftovers) -> Iterator[Image]:
    source = block.child("source")
    left.keep(block.child("transformations"))
    match source.child("type").text():
        case "base64":
            yield Image(url=_data_url(source), cache=read_cache(block, left))
        case "url":
            yield Image(url=source.child("url").text(), cache=read_cache(block, left))
        case _:
            left.keep(source)


def _document(block: Cursor, left: Leftovers) -> Iterator[Part]:
    """A PDF stays a document; text is text to every model, with its title and context before it."""
    source, title, cache = block.child("source"), block.child("title").text_or_none(), read_cache(block, left)
    if block.child("citations").child("enabled").flag():
        left.keep(block.child("citations"))
    context = block.child("context").text_or_none()
    match source.child("type").text():
        case "base64":
            yield from _introduction(context)
            yield Document(url=_data_url(source), filename=title, cache=cache)
        case "url":
            yield from _introduction(context)
            yield Document(url=source.child("url").text(), filename=title, cache=cache)
        case "file":
            yield from _introduction(context)
            yield Document(file_id=source.child("file_id").text(), filename=title, cache=cache)
        case "text":
            yield from _introduction(title, context)
            yield Text(text=source.child("data").text(), cache=cache)
        case "content":
            yield from _introduction(title, context)
            yield from read_content(source.child("content"), left)
        case _:
            left.keep(source)


def _introduction(*texts: str | None) -> Iterator[Text]:
    for text in texts:
        if text:
            yield Text(text=text)


def _search_result(block: Cursor, left: Leftovers) -> Text:
    if block.child("citations").child("enabled").flag():
        left.keep(block.child("citations"))
    texts = [item.child("text").text() for item in block.child("content").items()]
    heading = [block.child("title").text(), block.child("source").text()]
    return Text(text="\n".join([*heading, *texts]), cache=read_cache(block, left))


def _call(block: Cursor, left: Leftovers) -> ToolCall:
    caller = block.child("caller")
    if caller.child("type").text_or_none() not in (None, "direct"):
        left.keep(caller)
    left.keep(block.child("toolset_name"))
    return ToolCall(
        id=block.child("id").text(),
        name=block.child("name").text(),
        arguments=msgspec.json.encode(block.child("input").mapping()).decode(),
        cache=read_cache(block, left),
    )


def _result(block: Cursor, left: Leftovers) -> ToolResult:
    parts = []
    for part in read_content(block.child("content"), left):
        if not isinstance(part, Text | Image | Document | ToolReference):
            raise block.child("content").wrong("text, images, documents and tool references")
        parts.append(part)
    left.keep(block.child("toolset_name"))
    return ToolResult(
        call_id=block.child("tool_use_id").text(),
        parts=tuple(parts),
        is_error=bool(block.child("is_error").flag()),
        cache=read_cache(block, left),
    )


def _web_search_result(block: Cursor) -> Text:
    content = block.child("content")
    if isinstance(content.value, dict):
        return Text(text=f"[search failed: {content.child('error_code').text()}]")
    found = [f"{item.child('title').text()} — {item.child('url').text()}" for item in content.items()]
    return Text(text="\n".join(["[search results]", *found]))


def _data_url(source: Cursor) -> str:
    return write_data_url(source.child("media_type").text(), source.child("data").text())
