"""OpenAI Responses, as its published OpenAPI document describes it."""

from entrepot.dialects.counting import Counting
from entrepot.dialects.openai_chat.failures import emit_error, read_error
from entrepot.dialects.openai_responses.envelope import response_id
from entrepot.dialects.openai_responses.failures import emit_stream_error
from entrepot.dialects.openai_responses.outgoing import CANNOT_CARRY, FIELD_NAMES, emit_request
from entrepot.dialects.openai_responses.replay import replay
from entrepot.dialects.openai_responses.requests import emit_relayed, exceeds, parse_request
from entrepot.dialects.openai_responses.responses import emit_response, parse_response, tap_response
from entrepot.dialects.openai_responses.retelling import Retelling
from entrepot.dialects.openai_responses.stream_reader import StreamReader
from entrepot.dialects.openai_responses.stream_tap import StreamTap
from entrepot.dialects.openai_responses.stream_writer import StreamWriter
from entrepot.dialects.openai_responses.usage import emit_usage

NAME = "openai_responses"
PATH = "/responses"
COUNTING = Counting(
    path="/responses/input_tokens",
    fields=frozenset((
        "input", "instructions", "model", "parallel_tool_calls", "personality", "reasoning", "text", "tool_choice",
        "tools", "truncation",
    )),
    frame={"object": "response.input_tokens"},
)  # fmt: skip

__all__ = [
    "CANNOT_CARRY",
    "COUNTING",
    "FIELD_NAMES",
    "NAME",
    "PATH",
    "Retelling",
    "StreamReader",
    "StreamTap",
    "StreamWriter",
    "emit_error",
    "emit_relayed",
    "emit_request",
    "emit_response",
    "emit_stream_error",
    "emit_usage",
    "exceeds",
    "parse_request",
    "parse_response",
    "read_error",
    "replay",
    "response_id",
    "tap_response",
]
