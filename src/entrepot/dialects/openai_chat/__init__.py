"""OpenAI Chat Completions, as its published OpenAPI document describes it."""

from entrepot.dialects.openai_chat.failures import emit_error, read_error
from entrepot.dialects.openai_chat.requests import emit_relayed, parse_request
from entrepot.dialects.openai_chat.responses import emit_response, tap_response
from entrepot.dialects.openai_chat.streams import StreamTap, StreamWriter

NAME = "openai_chat"
PATH = "/chat/completions"

__all__ = [
    "NAME",
    "PATH",
    "StreamTap",
    "StreamWriter",
    "emit_error",
    "emit_relayed",
    "emit_response",
    "parse_request",
    "read_error",
    "tap_response",
]
