"""What an attached image, recording or file costs in input tokens, and how large an image is.

Works on the data URL itself and decodes no more of it than a header needs. Fetches nothing.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
from typing import Literal
from urllib.parse import unquote_to_bytes

import msgspec

from entrepot.conversation import Audio, Document, Image

# A remote image's size is unknown until the upstream fetches it: take a square of this side.
REMOTE_SIDE_PX = 1024
# Anthropic's PDF guide gives 1,500 to 3,000 tokens a page, text and picture together.
TOKENS_PER_PAGE = 2_000
BYTES_PER_PAGE = 50_000
# OpenAI's audio guide: one input token for each 100 ms.
AUDIO_TOKENS_PER_S = 10
MP3_BYTES_PER_S = 16_000

_HEADER_CHARS = 64 * 1024
_DATA_URL = re.compile(r"data:(?P<type>[^;,]*)(?P<options>(?:;[^;,]*)*),", re.ASCII)
_PDF_PAGE = re.compile(rb"/Type\s*/Page\b(?!s)")
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """How a model family turns pixels into tokens; `percent` scales patches (162 is × 1.62)."""

    kind: Literal["patch", "tile"]
    percent: int = 100


MINI = Rule(kind="patch", percent=162)
NANO = Rule(kind="patch", percent=246)
TILE = Rule(kind="tile")


class Size(msgspec.Struct, frozen=True):
    width_px: int
    height_px: int


def rule_of(model: str) -> Rule:
    """The rule of a model name; families without a published one count as GPT-4.1 mini."""
    if "nano" in model:
        return NANO
    if "mini" in model or not re.search(r"gpt-4[.-]?[1o]", model):
        return MINI
    return TILE


def image_tokens(image: Image, rule: Rule) -> int:
    """Tokens of one image; `detail` matters to the tile rule only, as measured for the 4.1 family."""
    size = size_of(image.url) or Size(REMOTE_SIDE_PX, REMOTE_SIDE_PX)
    if rule.kind == "patch":
        return -(-_patches(size) * rule.percent // 100)
    return 85 if image.detail == "low" else 85 + 170 * _tiles(size)


def _patches(size: Size) -> int:
    """32-pixel patches after OpenAI's scaling to at most 1536 (images guide, "Calculating costs")."""
    width, height = size.width_px / 32, size.height_px / 32
    patches = math.ceil(width) * math.ceil(height)
    if patches <= 1536:
        return patches
    scale = math.sqrt(1536 / (width * height))
    scale *= min(math.floor(side * scale) / (side * scale) if side * scale >= 1 else 1 for side in (width, height))
    # The shrunken side is a whole number but for rounding dust, which must not add a row of patches.
    return min(math.ceil(width * scale - 1e-6) * math.ceil(height * scale - 1e-6), 1536)


def _tiles(size: Size) -> int:
    """512-pixel tiles after fitting into 2048 × 2048 and shrinking the short side to 768."""
    scale = min(1.0, 2048 / max(size.width_px, size.height_px))
    scale = min(scale, 768 / min(size.width_px, size.height_px))
    return math.ceil(size.width_px * scale / 512) * math.ceil(size.height_px * scale / 512)


def document_tokens(document: Document) -> int:
    """A rule of thumb: the pages of a PDF, or one page per 50 kB, at 2,000 tokens each."""
    content = data_of(document.url) if document.url else None
    if content is None:
        return TOKENS_PER_PAGE
    pages = len(_PDF_PAGE.findall(content)) or -(-len(content) // BYTES_PER_PAGE) or 1
    return pages * TOKENS_PER_PAGE


def audio_tokens(audio: Audio) -> int:
    """Ten tokens a second; the length is read from a WAV header, or guessed at 128 kbit/s."""
    size_bytes = len(audio.data) * 3 // 4
    header = _decode(audio.data[:64])
    rate = int.from_bytes(header[28:32], "little") if header[8:12] == b"WAVE" else 0
    return max(1, math.ceil(size_bytes / (rate or MP3_BYTES_PER_S) * AUDIO_TOKENS_PER_S))


def size_of(url: str) -> Size | None:
    """Width and height of a PNG, JPEG, GIF or WEBP data URL; None for any other URL or form."""
    for limit in (_HEADER_CHARS, None):
        content = data_of(url, limit=limit)
        if content is None:
            return None
        size = _measure(content)
        if size or len(url) <= _HEADER_CHARS:
            return size
    return None


def data_of(url: str, *, limit: int | None = None) -> bytes | None:
    """The bytes of a data URL (of its first `limit` characters), None when it is no data URL."""
    match = _DATA_URL.match(url)
    if match is None:
        return None
    end = None if limit is None else match.end() + limit
    body = url[match.end() : end]
    return _decode(body) if ";base64" in match["options"] else unquote_to_bytes(body)


def media_type_of(url: str) -> str | None:
    """The media type a data URL names, such as image/png."""
    match = _DATA_URL.match(url)
    return match["type"] or "text/plain" if match else None


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text[: len(text) // 4 * 4])
    except (binascii.Error, ValueError):
        return b""


def _measure(content: bytes) -> Size | None:
    size = None
    if content.startswith(b"\x89PNG\r\n\x1a\n") and len(content) >= 24:
        size = Size(_big(content[16:20]), _big(content[20:24]))
    elif content[:6] in (b"GIF87a", b"GIF89a") and len(content) >= 10:
        size = Size(_little(content[6:8]), _little(content[8:10]))
    elif content[:4] == b"RIFF" and content[8:12] == b"WEBP" and len(content) >= 30:
        size = _measure_webp(content)
    elif content.startswith(b"\xff\xd8"):
        size = _measure_jpeg(content)
    return size if size and size.width_px and size.height_px else None


def _measure_webp(content: bytes) -> Size | None:
    match content[12:16]:
        case b"VP8 ":
            return Size(_little(content[26:28]) & 0x3FFF, _little(content[28:30]) & 0x3FFF)
        case b"VP8L":
            bits = _little(content[21:25])
            return Size((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
        case b"VP8X":
            return Size(_little(content[24:27]) + 1, _little(content[27:30]) + 1)
    return None


def _measure_jpeg(content: bytes) -> Size | None:
    """Walk the segments to the frame header, past thumbnails that hold frames of their own."""
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if marker in _JPEG_FRAMES:
            return Size(_big(content[at + 7 : at + 9]), _big(content[at + 5 : at + 7]))
        at += 1 if marker == 0xFF else 2 + _big(content[at + 2 : at + 4])
    return None


def _big(content: bytes) -> int:
    return int.from_bytes(content, "big")


def _little(content: bytes) -> int:
    return int.from_bytes(content, "little")
