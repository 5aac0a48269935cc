"""A real, tiny language model as a GGUF file: seeded random weights that babble words of the harbour.

For tests that need an actual upstream. Two llama layers, byte-level BPE, a ChatML template with tools.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import gguf
import numpy as np
from numpy.typing import NDArray

CONTEXT_TOKENS = 4096
NAME = "Tiny Harbour"
WIDTH = 64

_LAYERS = 2
_HEADS = 4
_FEED_FORWARD = 128

# No word stands twice, so that even greedy decoding comes to a full stop instead of running in circles.
_SENTENCES = (
    "tall ships carry tea and spice from far islands into our quiet harbour",
    "the pilot boards every vessel while gulls follow its wake",
    "a clerk weighs each crate then stamps his long manifest",
    "cranes lift heavy cargo onto wet quays until night falls",
    "merchants count silver under lamps as bells call ferries home",
)
_BOS, _OPEN, _CLOSE = "<|endoftext|>", "<|im_start|>", "<|im_end|>"
_CALL = "<tool_call>"

# llama.cpp finds out by rendering it that tool calls are JSON between <tool_call> tags.
_CHAT_TEMPLATE = """\
{%- if tools %}
    {{- '<|im_start|>system\\nTools, one JSON schema a line:\\n<tools>' }}
    {%- for tool in tools %}{{- '\\n' }}{{- tool | tojson }}{%- endfor %}
    {{- '\\n</tools>\\nCall as <tool_call>\\n{"name": ..., "arguments": {...}}\\n</tool_call><|im_end|>\\n' }}
{%- endif %}
{%- for message in messages %}
    {{- '<|im_start|>' + message.role + '\\n' }}
    {%- if message.content is string %}{{- message.content }}{%- endif %}
    {%- for call in message.tool_calls or [] %}
        {{- '<tool_call>\\n{"name": "' + call.function.name + '", "arguments": ' }}
        {{- call.function.arguments | tojson }}{{- '}\\n</tool_call>' }}
    {%- endfor %}
    {{- '<|im_end|>\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}
"""


def write_tiny_gguf(path: Path, *, seed: int = 1, embeds: bool = False) -> Path:
    """Write the model to `path` and return it; `embeds` makes it one for embeddings. A seed fixes every byte."""
    tokens, merges = _vocabulary()
    writer = gguf.GGUFWriter(path, "llama")
    _add_facts(writer)
    if embeds:
        writer.add_pooling_type(gguf.PoolingType.MEAN)
    _add_tokenizer(writer, tokens, merges)
    for name, weights in _tensors(tokens, seed):
        writer.add_tensor(name, weights)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _add_facts(writer: gguf.GGUFWriter) -> None:
    writer.add_name(NAME)
    writer.add_size_label("180K")
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    writer.add_context_length(CONTEXT_TOKENS)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(_LAYERS)
    writer.add_feed_forward_length(_FEED_FORWARD)
    writer.add_head_count(_HEADS)
    writer.add_head_count_kv(_HEADS)
    writer.add_rope_dimension_count(WIDTH // _HEADS)
    writer.add_layer_norm_rms_eps(1e-5)


def _add_tokenizer(writer: gguf.GGUFWriter, tokens: list[str], merges: list[str]) -> None:
    special = dict.fromkeys((_BOS, _OPEN, _CLOSE), gguf.TokenType.CONTROL) | {_CALL: gguf.TokenType.USER_DEFINED}
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types([special.get(token, gguf.TokenType.NORMAL) for token in tokens])
    writer.add_token_merges(merges)
    writer.add_bos_token_id(tokens.index(_BOS))
    writer.add_eos_token_id(tokens.index(_CLOSE))
    writer.add_chat_template(_CHAT_TEMPLATE)


def _vocabulary() -> tuple[list[str], list[str]]:
    """All 256 bytes, then every word letter by letter, so that BPE can reach it, then the special tokens."""
    tokens, merges = _byte_letters(), []
    for word in ("ĊĊ", *(word for sentence in _spelt_sentences() for word in sentence)):
        for end in range(1, len(word)):
            if word[: end + 1] not in tokens:
                tokens.append(word[: end + 1])
                merges.append(f"{word[:end]} {word[end]}")
    return [*tokens, _BOS, _OPEN, _CLOSE, _CALL], merges


def _spelt_sentences() -> list[list[str]]:
    """The sentences as tokens: each word with the space before it, which BPE spells Ġ, and the full stop."""
    return [[*(f"Ġ{word}" for word in sentence.split()), "."] for sentence in _SENTENCES]


def _byte_letters() -> list[str]:
    """GPT-2's spelling of each byte: itself where printable, else the next free letter from U+0100 on."""
    printable = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    hidden = sorted(set(range(256)) - printable)
    return [chr(byte if byte in printable else 0x100 + hidden.index(byte)) for byte in range(256)]


def _tensors(tokens: list[str], seed: int) -> Iterator[tuple[str, NDArray[np.float32]]]:
    random = np.random.default_rng(seed)

    def matrix(rows: int, columns: int, spread: float) -> NDArray[np.float32]:
        return (random.standard_normal((rows, columns)) * spread).astype(np.float32)

    # Column 0 of the hidden state is held at a constant, and so gives the output layer a bias per token.
    embedding = matrix(len(tokens), WIDTH, 1.0)
    embedding[:, 0] = 4.0
    # Bonded tokens stand at right angles to each other, so that a bond speaks for its own pair only.
    bonded = sorted({tokens.index(before) for before, _, _ in _bonds()})
    right_angles, _ = np.linalg.qr(matrix(WIDTH - 1, WIDTH - 1, 1.0))
    embedding[bonded, 1:] = right_angles[: len(bonded)] * (WIDTH - 1) ** 0.5
    output = matrix(len(tokens), WIDTH, 0.1)
    output[:, 0] = [_liking(token) for token in tokens]
    for before, after, pull in _bonds():
        output[tokens.index(after), 1:] += pull * embedding[tokens.index(before), 1:]
    yield "token_embd.weight", embedding
    yield "output_norm.weight", np.ones(WIDTH, np.float32)
    yield "output.weight", output
    for layer in range(_LAYERS):
        block = f"blk.{layer}"
        spread = WIDTH**-0.5
        yield f"{block}.attn_norm.weight", np.ones(WIDTH, np.float32)
        yield f"{block}.ffn_norm.weight", np.ones(WIDTH, np.float32)
        for part in ("attn_q", "attn_k", "attn_v"):
            yield f"{block}.{part}.weight", matrix(WIDTH, WIDTH, spread)
        for part in ("ffn_gate", "ffn_up"):
            yield f"{block}.{part}.weight", matrix(_FEED_FORWARD, WIDTH, spread)
        for part, width in (("attn_output", WIDTH), ("ffn_down", _FEED_FORWARD)):
            weights = matrix(WIDTH, width, 0.5 * width**-0.5)
            weights[0] = 0.0
            yield f"{block}.{part}.weight", weights


def _bonds() -> Iterator[tuple[str, str, float]]:
    """Which token follows which, and how surely. Ċ is BPE's newline, the last token of every prompt."""
    for sentence in _spelt_sentences():
        yield from (("Ċ", sentence[0], 0.15), ('"', sentence[0], 0.15))
        yield from ((before, after, 0.17) for before, after in pairwise(sentence))
    # The answer ends with its sentence. Where a grammar forbids that, a tool call follows after an empty line;
    # inside a JSON string, where no newline may stand, the string closes.
    yield from ((".", _CLOSE, 0.9), (".", "ĊĊ", 0.7), ("ĊĊ", _CALL, 0.7), (_CALL, "Ċ", 0.7), (".", '"', 0.25))
    # One tool call, then the end: its JSON is followed by </tool_call>, and that by nothing.
    yield from (("}", "<", 0.5), (">", _CLOSE, 0.9))


def _liking(token: str) -> float:
    """How likely a token is before any context: whole words first, then what closes a JSON value."""
    if any(token in sentence for sentence in _spelt_sentences()):
        return 1.0
    likings = {'"': -0.5, "}": -0.5, "]": -0.5, ":": -0.5, ",": -1.0, "{": -1.0, "[": -1.0}
    return likings.get(token, -1.5 if token.isdigit() else -5.0)
