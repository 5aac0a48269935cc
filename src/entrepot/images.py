"""What an attached image, recording or file costs in input tokens, and how large an image is.

Works on the data URL itself and decodes no more of it than a header needs. Fetches nothing.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
from urllib.parse import unquote_to_bytes

import msgspec

from entrepot.catalog import ImagePatches, ImageTiles, ImageTokens
from entrepot.conversation import Audio, Document, Image

# A remote image's size is unknown until the upstream fetches it: take a square of this side.
REMOTE_SIDE_PX = 1024
# GPT-4.1 mini's rule, for models whose own is not known.
DEFAULT = ImagePatches(max_patches=1536, multiplier=1.62)
# Anthropic's PDF guide gives 1,500 to 3,000 tokens a page, text and picture together.
TOKENS_PER_PAGE = 2_000
BYTES_PER_PAGE = 50_000
# OpenAI's audio guide: one input token for each 100 ms.
AUDIO_TOKENS_PER_S = 10
MP3_BYTES_PER_S = 16_000
# More than any image costs that takes fewer bytes.
MOST_TOKENS = 8192

_HEADER_CHARS = 64 * 1024
_DATA_URL = re.compile(r"data:[^;,]*(?P<options>(?:;[^;,]*)*),", re.ASCII)
_PDF_PAGE = re.compile(rb"/Type\s*/Page\b(?!s)")
# What stands in a request for each image, in Chat Completions, Responses and Messages, and for a document.
_ATTACHED = re.compile(rb'"(i(?:mage_url|nput_image)|source|file_(?:data|id|url)|document)"')
_IMAGES = frozenset((b"image_url", b"input_image", b"source"))
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


class Size(msgspec.Struct, frozen=True):
    width_px: int
    height_px: int


def may_exceed(body: bytes, limit_tokens: int) -> bool:
    """Whether a request may hold more tokens than that, told from its bytes in any dialect.

    A token is at least one byte, but few bytes of an image or a document make many tokens.
    """
    attached = _ATTACHED.findall(body)
    return len(body) + MOST_TOKENS * len(attached) > limit_tokens or not _IMAGES.issuperset(attached)


def image_tokens(image: Image, rule: ImageTokens | None) -> int:
    """Tokens of one image by its model's rule, or by DEFAULT where that is unknown.

    `detail` matters to tiles only, as measured for the GPT-4.1 family.
    """
    size = size_of(image.url) or Size(REMOTE_SIDE_PX, REMOTE_SIDE_PX)
    match rule or DEFAULT:
        case ImagePatches() as patches:
            # A product such as 350 × 1.62 may come out a hair above the whole number that it is.
            return math.ceil(round(_patches(size, patches) * patches.multiplier, 6))
        case ImageTiles() as tiles if image.detail == "low":
            return tiles.base_tokens
        case ImageTiles() as tiles:
            return tiles.base_tokens + tiles.tile_tokens * _tiles(size, tiles.tile_px)


def _patches(size: Size, rule: ImagePatches) -> int:
    """Patches after OpenAI's scaling to at most `max_patches` (images guide, "Calculating costs")."""
    scale = 1.0 if rule.max_side_px is None else min(1.0, rule.max_side_px / max(size.width_px, size.height_px))
    width, height = size.width_px * scale / rule.patch_px, size.height_px * scale / rule.patch_px
    patches = _whole(width) * _whole(height)
    if rule.max_patches is None or patches <= rule.max_patches:
        return patches
    scale = math.sqrt(rule.max_patches / (width * height))
    scale *= min(math.floor(side * scale) / (side * scale) if side * scale >= 1 else 1 for side in (width, height))
    return min(_whole(width * scale) * _whole(height * scale), rule.max_patches)


def _whole(side: float) -> int:
    """A scaled side that is a whole number but for rounding dust must not add a row of patches."""
    return max(1, math.ceil(side - 1e-6))


def _tiles(size: Size, tile_px: int) -> int:
    """Tiles after fitting into 2048 × 2048 and shrinking the short side to 768."""
    scale = min(1.0, 2048 / max(size.width_px, size.height_px))
    scale = min(scale, 768 / min(size.width_px, size.height_px))
    return math.ceil(size.width_px * scale / tile_px) * math.ceil(size.height_px * scale / tile_px)


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
