"""What a GGUF file says about its model: the header's key-values and the number of weights, never the tensors.

The format is described at https://github.com/ggml-org/ggml/blob/master/docs/gguf.md; versions 2 and 3, little-endian.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Mapping
from math import prod
from pathlib import Path
from typing import Any

import msgspec

from entrepot.errors import ConfigurationError

# Value types by number; 8 is a string and 9 an array.
_NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9
# llama.cpp's llama_ftype: https://github.com/ggml-org/llama.cpp/blob/master/include/llama.h
_FILE_TYPES = {
    **{0: "F32", 1: "F16", 32: "BF16", 2: "Q4_0", 3: "Q4_1", 7: "Q8_0", 8: "Q5_0", 9: "Q5_1", 10: "Q2_K", 21: "Q2_K_S"},
    **{11: "Q3_K_S", 12: "Q3_K_M", 13: "Q3_K_L", 14: "Q4_K_S", 15: "Q4_K_M", 16: "Q5_K_S", 17: "Q5_K_M", 18: "Q6_K"},
    **{19: "IQ2_XXS", 20: "IQ2_XS", 28: "IQ2_S", 29: "IQ2_M", 22: "IQ3_XS", 23: "IQ3_XXS", 26: "IQ3_S", 27: "IQ3_M"},
    **{24: "IQ1_S", 31: "IQ1_M", 25: "IQ4_NL", 30: "IQ4_XS", 36: "TQ1_0", 37: "TQ2_0", 38: "MXFP4", 39: "NVFP4"},
}


class Header(msgspec.Struct, frozen=True):
    """Key-values as written, an array as its length only, and the number of weights over all tensors."""

    values: Mapping[str, Any]
    weights: int

    def text(self, key: str) -> str | None:
        value = self.values.get(key)
        return value if isinstance(value, str) and value else None

    def count(self, key: str) -> int | None:
        """A whole number below the architecture's own prefix: `context_length` is `llama.context_length`."""
        value = self.values.get(f"{self.architecture}.{key}")
        return value if isinstance(value, int) else None

    @property
    def architecture(self) -> str:
        return self.text("general.architecture") or ""

    @property
    def quantization(self) -> str | None:
        return _FILE_TYPES.get(self.values.get("general.file_type", -1))


def read_header(path: Path) -> Header:
    """Raises ConfigurationError when the file cannot be read or is not a whole GGUF header."""
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return _header(_Cursor(data), path)
    except OSError as error:
        raise ConfigurationError(f"cannot read the model {path}: {error.strerror}") from None
    except (ValueError, struct.error):  # mmap's for an empty file, and a number cut off
        raise ConfigurationError(f"{path} ends inside its header; is the download complete?") from None


class _Cursor:
    """A place in the file that moves on with everything read."""

    def __init__(self, data: mmap.mmap) -> None:
        self._data = data
        self._at = 0

    def number(self, form: str) -> Any:
        value = struct.unpack_from(f"<{form}", self._data, self._at)[0]
        self._at += struct.calcsize(f"<{form}")
        return value

    def skip(self, size: int) -> int:
        """Move on by `size` bytes and return where they began."""
        start, self._at = self._at, self._at + size
        if self._at > len(self._data):
            raise ValueError("beyond the end of the file")
        return start

    def text(self) -> str:
        start = self.skip(self.number("Q"))
        return self._data[start : self._at].decode(errors="replace")

    def value(self) -> Any:
        kind = self.number("I")
        if kind == _STRING:
            return self.text()
        return self.array() if kind == _ARRAY else self.number(_NUMBERS[kind])

    def array(self) -> int:
        """Move past an array and return its length."""
        kind, length = self.number("I"), self.number("Q")
        if kind == _STRING:
            for _ in range(length):
                self.skip(self.number("Q"))
        else:
            self.skip(length * struct.calcsize(_NUMBERS[kind]))
        return int(length)


def _header(cursor: _Cursor, path: Path) -> Header:
    magic, version = cursor.number("4s"), cursor.number("I")
    if magic != b"GGUF":
        raise ConfigurationError(f"{path} is not a GGUF file")
    if version not in (2, 3):
        raise ConfigurationError(f"{path} is GGUF of version {version}; 2 and 3 are understood, little-endian")
    tensors, pairs = cursor.number("Q"), cursor.number("Q")
    try:
        values = {cursor.text(): cursor.value() for _ in range(pairs)}
    except KeyError as error:
        raise ConfigurationError(f"{path} holds a value of the unknown type {error} in its header") from None
    return Header(values, sum(_weights(cursor) for _ in range(tensors)))


def _weights(cursor: _Cursor) -> int:
    """Move past one tensor's description and return how many weights it has."""
    cursor.text()
    weights = int(prod(cursor.number("Q") for _ in range(cursor.number("I"))))
    cursor.skip(4 + 8)  # its type and its offset
    return weights
