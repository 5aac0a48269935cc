"""Headers of GGUF files: whole, cut off, and wrong."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from tests.support.tiny_gguf import CONTEXT_TOKENS, NAME, WIDTH, write_tiny_gguf

from entrepot.errors import ConfigurationError
from entrepot.providers.gguf import read_header


def test_header_says_what_was_written(tmp_path: Path) -> None:
    header = read_header(write_tiny_gguf(tmp_path / "tiny.gguf"))
    assert header.architecture == "llama"
    assert header.text("general.name") == NAME
    assert header.count("context_length") == CONTEXT_TOKENS
    assert header.quantization == "F32"
    assert "<|im_start|>" in (header.text("tokenizer.chat_template") or "")


def test_every_weight_is_counted(tmp_path: Path) -> None:
    path = write_tiny_gguf(tmp_path / "tiny.gguf")
    header = read_header(path)
    vocabulary, inner = header.values["tokenizer.ggml.tokens"], 2 * WIDTH
    layer = 4 * WIDTH * WIDTH + 3 * WIDTH * inner + 2 * WIDTH
    assert header.weights == 2 * vocabulary * WIDTH + WIDTH + 2 * layer


@pytest.mark.parametrize("size", [0, 3, 4, 8, 20, 24, 30, 100, 1_000, 5_000])
def test_header_cut_off_is_refused(tmp_path: Path, size: int) -> None:
    whole = write_tiny_gguf(tmp_path / "tiny.gguf").read_bytes()
    path = _file(tmp_path, whole[:size])
    with pytest.raises(ConfigurationError, match="ends inside its header"):
        read_header(path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\x03\x04" + bytes(40), "is not a GGUF file"),
        (b"GGUF" + struct.pack("<IQQ", 1, 0, 0), "version 1"),
        (b"GGUF" + struct.pack(">IQQ", 3, 0, 0), "little-endian"),
        (b"GGUF" + struct.pack("<IQQQ1sI", 3, 0, 1, 1, b"a", 99) + bytes(8), "unknown type 99"),
        (b"GGUF" + struct.pack("<IQQQ1sIIQ", 3, 0, 1, 1, b"a", 9, 9, 1) + bytes(8), "unknown type 9"),
        (b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 2**63) + bytes(8), "ends inside its header"),
        (b"GGUF" + struct.pack("<IQQ", 3, 2**63, 0), "ends inside its header"),
        (b"GGUF" + struct.pack("<IQQQ1sIIQ", 3, 0, 1, 1, b"a", 9, 4, 2**63), "ends inside its header"),
    ],
)
def test_wrong_header_is_refused_with_the_reason(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        read_header(_file(tmp_path, content))


def test_missing_file_is_refused_with_its_path(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"cannot read the model .*/none\.gguf: No such file"):
        read_header(tmp_path / "none.gguf")


def test_unknown_facts_are_absent(tmp_path: Path) -> None:
    header = read_header(_file(tmp_path, b"GGUF" + struct.pack("<IQQ", 3, 0, 0)))
    assert (header.architecture, header.quantization, header.count("context_length"), header.weights) == (
        "",
        None,
        None,
        0,
    )


def _file(directory: Path, content: bytes) -> Path:
    path = directory / "case.gguf"
    path.write_bytes(content)
    return path
