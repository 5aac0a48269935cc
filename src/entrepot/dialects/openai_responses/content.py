"""Content parts of messages and tool results, read and written."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from entrepot.conversation import Audio, CacheHint, Document, Image, Part, Refusal, Text, ToolReference
from entrepot.dialects.carrying import NotCarried
from entrepot.dialects.foreign import Foreign
from entrepot.dialects.shapes import Value

_MEDIA_TYPES = {
    "csv": "text/csv",
    "html": "text/html",
    "json": "application/json",
    "md": "text/markdown",
    "txt": "text/plain",
    "xml": "text/xml",
}


def parse_content(content: Value, foreign: Foreign) -> tuple[Part, ...]:
    """Parts of a string or of a list of parts. What the neutral form cannot hold is kept as foreign."""
    if isinstance(content.raw, str):
        return (Text(text=content.raw),)
    if content.raw is None:
        content.text()
    return tuple(part for value in content if (part := _part(value, foreign)) is not None)


def _part(part: Value, foreign: Foreign) -> Part | None:
    cache = _cache(part["prompt_cache_breakpoint"])
    match part["type"].text():
        case "input_text" | "output_text" | "text":
            return Text(text=part["text"].text(), cache=cache)
        case "refusal":
            return Refusal(text=part["refusal"].text())
        case "input_image" if part["image_url"].raw is not None:
            return Image(url=part["image_url"].text(), detail=part["detail"].text_or_none(), cache=cache)
        case "input_file":
            return _file(part, cache)
        case "input_audio":
            audio = part["input_audio"]
            return Audio(data=audio["data"].text(), format=audio["format"].text())
        case "input_image" if part["file_id"].raw is None:
            raise part.wrong("an image with an 'image_url'")
        case _:
            foreign.keep(part.path, part.raw)
            return None


def _file(part: Value, cache: CacheHint | None) -> Document:
    data, filename = part["file_data"].text_or_none(), part["filename"].text_or_none()
    url = part["file_url"].text_or_none() if data is None else _data_url(data, filename)
    file_id = part["file_id"].text_or_none()
    if url is None and file_id is None:
        raise part.wrong("a file with 'file_data', 'file_url' or 'file_id'")
    return Document(url=url, file_id=file_id, filename=filename, cache=cache)


def _data_url(data: str, filename: str | None) -> str:
    """Bare base64 is allowed too; its type is then told by the file's name, and is PDF without one."""
    if data.startswith("data:"):
        return data
    _, _, ending = (filename or "").rpartition(".")
    return f"data:{_MEDIA_TYPES.get(ending.lower(), 'application/pdf')};base64,{data}"


def _cache(breakpoint: Value) -> CacheHint | None:
    """A breakpoint asks for at least 30 minutes; only one with a `ttl` is worth the dearer hour elsewhere."""
    if not breakpoint.table_or_none():
        return None
    return "1h" if breakpoint["ttl"].text_or_none() else "5m"


def emit_content(parts: Iterable[Part]) -> list[dict[str, Any]]:
    """Parts as input content. Raises NotCarried for audio, which only Chat Completions takes."""
    return [_emit_part(part) for part in parts]


def _emit_part(part: Part) -> dict[str, Any]:
    match part:
        case Text() | Refusal():
            return {"type": "input_text", "text": part.text}
        case Image():
            return {"type": "input_image", "image_url": part.url, "detail": part.detail or "auto"}
        case Document(file_id=str() as file_id):
            return {"type": "input_file", "file_id": file_id}
        case Document(url=str() as url) if url.startswith("data:"):
            return {"type": "input_file", "filename": part.filename or _filename(url), "file_data": url}
        case Document():
            return {"type": "input_file", "file_url": part.url}
        case ToolReference():
            return {"type": "input_text", "text": f"Found the tool '{part.name}'."}
        case _:
            raise NotCarried(f"messages[].content[type={type(part).__name__.lower()}]")


def _filename(data_url: str) -> str:
    """A name for a nameless file, with the ending of its type: OpenAI knows files by it."""
    kind = data_url.removeprefix("data:").partition(";")[0]
    return f"document.{next((ending for ending, known in _MEDIA_TYPES.items() if known == kind), 'pdf')}"
