"""OpenAI Chat Completions, as its published OpenAPI document describes it."""

from entrepot.dialects.openai_chat.answers import parse_response
from entrepot.dialects.openai_chat.failures import ErrorBody, emit_error, emit_stream_error, read_error
from entrepot.dialects.openai_chat.outgoing import CANNOT_CARRY, FIELD_NAMES, emit_request
from entrepot.dialects.openai_chat.readers import StreamReader
from entrepot.dialects.openai_chat.requests import emit_relayed, parse_request
from entrepot.dialects.openai_chat.responses import Tapped, emit_response, tap_response
from entrepot.dialects.openai_chat.streams import StreamTap
from entrepot.dialects.openai_chat.usage import emit_usage
from entrepot.dialects.openai_chat.writers import StreamWriter

NAME = "openai_chat"
PATH = "/chat/completions"

__all__ = [
    "CANNOT_CARRY",
    "FIELD_NAMES",
    "NAME",
    "PATH",
    "ErrorBody",
    "StreamReader",
    "StreamTap",
    "StreamWriter",
    "Tapped",
    "emit_error",
    "emit_relayed",
    "emit_request",
    "emit_response",
    "emit_stream_error",
    "emit_usage",
    "parse_request",
    "parse_response",
    "read_error",
    "tap_response",
]
