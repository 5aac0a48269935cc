"""Decides what the sandbox answers and writes it down as a script: events, and the steering to play them by.

Deterministic in the request. The rules stand in RULES, in their order; a new manner is one more rule.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from entrepot import errors, tokens
from entrepot.catalog import ImageTokens
from entrepot.conversation import Ended, Event, Request, Started, Usage
from entrepot.providers.sandbox import calls, faults, instance, task, wording
from entrepot.providers.sandbox.clues import Clues
from entrepot.providers.sandbox.delivery import Answer, deliver
from entrepot.providers.sandbox.faults import Steering
from entrepot.providers.sandbox.prompt import Turn, read, schema_in

FINGERPRINT = "fp_sandbox"

Rule = Callable[[Turn, Steering], Answer | None]


class Script(msgspec.Struct, frozen=True, kw_only=True):
    """A whole answer, Started to Ended, and how to play it."""

    events: tuple[Event, ...]
    steering: Steering


def plan(request: Request, *, steer: Steering, created_s: int, image_tokens: ImageTokens | None = None) -> Script:
    """The script of a request; `image_tokens` is the model's rule for them.

    Raises UpstreamRefusal when a tool or schema of the request cannot be followed.
    """
    if faults.error(steer) is not None:
        return Script(events=(), steering=steer)
    answer = decide(read(request), steer)
    identity = identify(request)
    made = [
        deliver(_told_apart(answer, choice), request, choice=choice, identity=identity) for choice in range(request.n)
    ]
    usage = Usage(
        input_tokens=tokens.count_request(request, image_tokens),
        output_tokens=sum(choice.output_tokens for choice in made),
        reasoning_tokens=sum(choice.reasoning_tokens for choice in made),
    )
    started = Started(
        id=f"sandbox-{identity}",
        model=request.model,
        created_s=created_s,
        usage=Usage(input_tokens=usage.input_tokens),
        fingerprint=FINGERPRINT,
    )
    rounds = itertools.chain.from_iterable(itertools.zip_longest(*(choice.events for choice in made)))
    return Script(events=(started, *filter(None, rounds), Ended(usage=usage)), steering=steer)


def identify(request: Request) -> str:
    """Names a request by its content, whether it is streamed or not."""
    content = msgspec.structs.replace(request, stream=False, include_usage=False)
    return hashlib.blake2b(msgspec.json.encode(content), digest_size=12).hexdigest()


def decide(turn: Turn, steer: Steering) -> Answer:
    """The answer of the first rule that has one, with reasoning before it when it is wanted."""
    answer = next(answer for answer in (rule(turn, steer) for rule in RULES) if answer is not None)
    effort = turn.request.reasoning_effort
    wanted = steer.reasoning or turn.request.reasoning_budget_tokens or (effort and effort != "none")
    if answer.refusal or not wanted:
        return answer
    return msgspec.structs.replace(answer, reasoning=wording.think(turn))


def _told_apart(answer: Answer, choice: int) -> Answer:
    """Later choices of a free-text answer say which one they are."""
    if choice == 0 or not answer.text or answer.exact:
        return answer
    return msgspec.structs.replace(answer, text=f"{answer.text} (choice {choice + 1})")


def _steered(turn: Turn, steer: Steering) -> Answer | None:
    kind = steer.fault.kind if steer.fault else None
    if kind == "empty":
        return Answer()
    if kind == "refusal":
        return Answer(refusal=wording.refuse())
    if kind == "content-filter":
        return Answer(finish="content_filter")
    return None


def _broken_call(turn: Turn, steer: Steering) -> Answer | None:
    """A call whose arguments stop before their last bracket."""
    if steer.fault is None or steer.fault.kind != "bad-tool-json" or turn.results:
        return None
    wanted = calls.forced(turn) or calls.named(turn) or calls.fill(turn, turn.request.tools[:1])
    broken = tuple(calls.Call(call.name, call.arguments[:-1], call.custom) for call in wanted)
    return Answer(calls=broken) if broken else None


def _echoed(turn: Turn, steer: Steering) -> Answer | None:
    return Answer(text=turn.prompt, exact=True) if steer.echo else None


def _forced_call(turn: Turn, steer: Steering) -> Answer | None:
    wanted = calls.forced(turn)
    return Answer(calls=wanted) if wanted else None


def _task(turn: Turn, steer: Steering) -> Answer | None:
    return task.play(turn) if steer.task else None


def _tool_results(turn: Turn, steer: Steering) -> Answer | None:
    if not turn.results or (turn.request.output_format and turn.request.output_format.kind != "text"):
        return None
    text = " ".join(filter(None, (turn.results_text, wording.seen(turn.attachments))))
    return Answer(text=text or "The tool returned nothing.")


def _named_call(turn: Turn, steer: Steering) -> Answer | None:
    wanted = () if turn.results else calls.named(turn)
    return Answer(calls=wanted) if wanted else None


def _instance(turn: Turn, steer: Steering) -> Answer | None:
    wanted = turn.request.output_format
    if wanted is None or wanted.kind != "json_schema" or wanted.schema is None:
        return None
    return _json(instance.make(wanted.schema, Clues(turn.reading), param="response_format"))


def _prompted_instance(turn: Turn, steer: Steering) -> Answer | None:
    """An instance of the schema that the system's words hold; one that cannot be followed is but words."""
    schema = schema_in(_system(turn))
    if schema is None or (turn.request.tools and turn.request.output_format is None):
        return None
    try:
        return _json(instance.make(schema, Clues(turn.reading), param="messages"))
    except errors.UpstreamRefusal:
        return None


def _object(turn: Turn, steer: Steering) -> Answer | None:
    """Any JSON object: one a tool returned, or the quoted words of the prompt as keys."""
    wanted = turn.request.output_format
    if wanted is None or wanted.kind == "text":
        return None
    returned = _decoded_object(turn.results_text)
    if returned is not None:
        return _json(returned)
    keys = Clues(_instructions(turn)).quoted()
    clues = Clues(turn.reading, ignored=keys)
    clues.targeted = True  # what stands beside a key belongs to it, whichever key comes first
    told = {key: _told(clues, key) for key in dict.fromkeys(keys)}
    clues.targeted = False
    values = {key: _value(clues, key) if value is None else value for key, value in told.items()}
    return _json(values or {"answer": turn.results_text or wording.say(turn)})


def _said(turn: Turn, steer: Steering) -> Answer | None:
    return Answer(text=wording.say(turn))


RULES: tuple[Rule, ...] = (
    _steered,
    _broken_call,
    _forced_call,
    _echoed,
    _task,
    _tool_results,
    _named_call,
    _instance,
    _prompted_instance,
    _object,
    _said,
)


def _json(value: object) -> Answer:
    return Answer(text=msgspec.json.encode(value).decode(), exact=True)


def _decoded_object(text: str) -> Mapping[str, Any] | None:
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _instructions(turn: Turn) -> str:
    return f"{_system(turn)}\n{turn.reading}"


def _system(turn: Turn) -> str:
    return "\n".join(message.text for message in turn.request.messages if message.role in ("system", "developer"))


def _value(clues: Clues, key: str) -> str | int | float:
    told = _told(clues, key)
    return (clues.sentence(key) or f"simulated {key}") if told is None else told


def _told(clues: Clues, key: str) -> str | int | float | None:
    number = clues.number(key, lambda value: True) if clues.has_number_for(key) else None
    return clues.string(key, lambda value: True) if number is None else number
