"""Anthropic Messages, as its public documentation and its SDK's types describe it."""

from entrepot.dialects.anthropic_messages.bodies import CANNOT_CARRY, FIELD_NAMES, emit_relayed, emit_request
from entrepot.dialects.anthropic_messages.failures import emit_error, emit_stream_error, read_error
from entrepot.dialects.anthropic_messages.reader import StreamReader
from entrepot.dialects.anthropic_messages.requests import parse_request
from entrepot.dialects.anthropic_messages.responses import emit_response, message_id, parse_response, tap_response
from entrepot.dialects.anthropic_messages.tap import StreamTap
from entrepot.dialects.anthropic_messages.usage import emit_usage
from entrepot.dialects.anthropic_messages.writer import StreamWriter
from entrepot.dialects.counting import Counting

NAME = "anthropic_messages"
PATH = "/messages"
COUNTING = Counting(
    path="/messages/count_tokens",
    fields=frozenset((
        "cache_control", "context_management", "mcp_servers", "messages", "model", "output_config", "output_format",
        "speed", "system", "thinking", "tool_choice", "tools",
    )),
)  # fmt: skip

__all__ = [
    "CANNOT_CARRY",
    "COUNTING",
    "FIELD_NAMES",
    "NAME",
    "PATH",
    "StreamReader",
    "StreamTap",
    "StreamWriter",
    "emit_error",
    "emit_relayed",
    "emit_request",
    "emit_response",
    "emit_stream_error",
    "emit_usage",
    "message_id",
    "parse_request",
    "parse_response",
    "read_error",
    "tap_response",
]
