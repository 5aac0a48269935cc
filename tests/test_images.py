"""Sizes read from headers, and image tokens against the numbers OpenAI's images guide works out."""

from __future__ import annotations

import base64
import struct

import pytest

from entrepot import images
from entrepot.catalog import ImagePatches, ImageTiles, ImageTokens, load
from entrepot.conversation import Audio, Document, Image
from entrepot.images import Size

MODELS = load().models
MINI, NANO, TILE = (MODELS[name].image_tokens for name in ("gpt-4.1-mini", "gpt-4.1-nano", "gpt-4.1"))
CLAUDE = MODELS["claude-sonnet-5-5"].image_tokens
PLAIN = ImagePatches(max_patches=1536)


def data_url(content: bytes, media_type: str = "image/png") -> str:
    return f"data:{media_type};base64,{base64.b64encode(content).decode()}"


def png(width_px: int, height_px: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + struct.pack(">II", width_px, height_px) + b"\x08\x02\0\0\0"


def jpeg(width_px: int, height_px: int, *, before: bytes = b"") -> bytes:
    frame = b"\xff\xc2\0\x11\x08" + struct.pack(">HH", height_px, width_px) + b"\x03" + b"\0" * 9
    return b"\xff\xd8\xff\xe0\0\x10JFIF" + b"\0" * 10 + before + frame


def segments(size_bytes: int) -> bytes:
    """Metadata as cameras write it, a thumbnail's frame header inside."""
    body = b"\xff\xc0\0\x11\x08\0\x01\0\x01" + b"\0" * 60_000
    return (b"\xff\xe2" + struct.pack(">H", len(body) + 2) + body) * (size_bytes // len(body) + 1)


def webp(chunk: bytes, body: bytes) -> bytes:
    return b"RIFF\0\0\0\0WEBP" + chunk + b"\0\0\0\0" + body + b"\0" * 20


HEADERS = [
    png(640, 480),
    jpeg(640, 480),
    jpeg(640, 480, before=segments(150_000)),
    jpeg(640, 480, before=b"\xff\xff\xfe\0\x04hi"),
    b"GIF89a" + struct.pack("<HH", 640, 480) + b"\0" * 10,
    webp(b"VP8 ", b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", 640, 480)),
    webp(b"VP8L", b"\x2f" + struct.pack("<I", 639 | 479 << 14)),
    webp(b"VP8X", b"\0\0\0\0" + struct.pack("<I", 639)[:3] + struct.pack("<I", 479)[:3]),
]


@pytest.mark.parametrize("header", HEADERS, ids=lambda header: header[:16])
def test_size_is_read_from_the_header(header: bytes) -> None:
    assert images.size_of(data_url(header)) == Size(640, 480)


@pytest.mark.parametrize("header", HEADERS, ids=lambda header: header[:16])
def test_a_cut_header_has_no_size(header: bytes) -> None:
    for length in range(0, min(len(header), 24)):
        assert images.size_of(data_url(header[:length])) in (None, Size(640, 480))


@pytest.mark.parametrize(
    "url", ["https://x.y/a.png", "data:", "data:image/png;base64,", "data:image/png;base64,é!", ""]
)
def test_other_urls_have_no_size(url: str) -> None:
    assert images.size_of(url) is None


@pytest.mark.parametrize(
    ("width_px", "height_px", "rule", "expected"),
    [
        (1024, 1024, MINI, 1659),  # 1024 patches, × 1.62 = 1658.88
        (1800, 2400, MINI, 2353),  # 1452 patches, × 1.62 = 2352.24
        (1800, 2400, NANO, 3572),  # × 2.46 = 3571.92
        (1800, 2400, PLAIN, 1452),
        (10_000, 10_000, ImagePatches(), 97_969),  # 313 × 313, for nothing scales them down
        (35 * 32, 10 * 32, MINI, 567),  # 350 × 1.62, a hair above 567 as a float
        (1, 1, MINI, 2),
        (20_000, 10, MINI, 1013),  # one row of 625 patches, × 1.62 = 1012.5
        (1024, 1024, TILE, 765),
        (2048, 4096, TILE, 1105),
        (128, 64, TILE, 255),
        (1024, 1024, ImageTiles(base_tokens=70, tile_tokens=140, tile_px=256), 70 + 9 * 140),
        (1024, 1024, CLAUDE, 1369),  # 37 × 37
        (1920, 1080, CLAUDE, 2691),  # 69 × 39
        (3840, 2160, CLAUDE, 2952),  # 2016 × 1134, 72 × 41
        (1, 5000, CLAUDE, 72),
    ],
)
def test_image_tokens_follow_the_guides(width_px: int, height_px: int, rule: ImageTokens, expected: int) -> None:
    assert images.image_tokens(Image(url=data_url(png(width_px, height_px))), rule) == expected


@pytest.mark.parametrize(
    ("width_px", "height_px"), [(w, h) for w in (1, 33, 999, 5000, 65535) for h in (1, 777, 65535)]
)
def test_patches_never_pass_their_cap(width_px: int, height_px: int) -> None:
    assert 1 <= images.image_tokens(Image(url=data_url(png(width_px, height_px))), PLAIN) <= 1536


def test_low_detail_is_cheap_for_tiles_and_nothing_else() -> None:
    low = Image(url=data_url(png(1024, 1024)), detail="low")
    assert images.image_tokens(low, TILE) == 85
    assert images.image_tokens(low, MINI) == 1659


def test_a_remote_image_counts_as_a_square_of_the_default_side() -> None:
    local = Image(url=data_url(png(images.REMOTE_SIDE_PX, images.REMOTE_SIDE_PX)))
    assert images.image_tokens(Image(url="https://x.y/a.png"), MINI) == images.image_tokens(local, MINI)


def test_without_a_rule_an_image_counts_as_for_gpt_4_1_mini() -> None:
    image = Image(url=data_url(png(1800, 2400)))
    assert images.image_tokens(image, None) == images.image_tokens(image, MINI)


def test_a_pdf_counts_its_pages() -> None:
    pdf = b"%PDF-1.4 /Type /Pages /Type /Page /Type/Page"
    assert images.document_tokens(Document(url=data_url(pdf, "application/pdf"))) == 2 * images.TOKENS_PER_PAGE


def test_a_file_without_page_marks_counts_by_its_size() -> None:
    url = data_url(b"x" * (images.BYTES_PER_PAGE + 1), "text/plain")
    assert images.document_tokens(Document(url=url)) == 2 * images.TOKENS_PER_PAGE
    assert images.document_tokens(Document(file_id="file-1")) == images.TOKENS_PER_PAGE


def test_audio_counts_by_its_length() -> None:
    header = b"RIFF\0\0\0\0WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 24_000, 48_000, 2, 16)
    three_seconds = base64.b64encode(header + b"\0" * (3 * 48_000 - len(header))).decode()
    assert images.audio_tokens(Audio(data=three_seconds, format="wav")) == 30
    assert images.audio_tokens(Audio(data="", format="mp3")) == 1


@pytest.mark.parametrize(
    ("body", "possible"),
    [
        (b"x" * 20_000, False),
        (b"x" * 20_001, True),
        (b'{"type": "image_url"}', False),
        (b'{"type":"image_url","image_url":{}}, {"type":"input_image"}', True),
        (b'{"source":{}},{"source":{}},{"source":{}}', True),
        (b'{"type":"file","file":{"file_data":""}}', True),
        (b'{"type":"input_file","file_url":""}', True),
        (b'{"type":"document"}', True),
    ],
)
def test_a_body_tells_whether_it_may_be_too_long(body: bytes, possible: bool) -> None:
    assert images.may_exceed(body, 20_000) is possible
