"""What the sandbox says in free text: what the prompt dictates, an easy fact, or what it was asked.

Honest that it is simulated wherever the prompt does not dictate the words.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

from entrepot import images
from entrepot.conversation import Audio, Document, Image, Request
from entrepot.providers.sandbox.prompt import Attachment, Turn, ends_of, said_in

MAX_COUNT = 1_000
QUOTED_CHARS = 160

_DICTATED = re.compile(
    r"(?:please |just |simply |can you |could you |now )*"
    r"(?:say|repeat after me|repeat|echo|print|output"
    r"|(?:reply|respond|answer)(?: to (?:me|this))? with)"
    r"(?: (?:exactly|only|just|back|this|the following|the words?|the (?:sentence|phrase|text)))*"
    r"\s*[:,]?\s+(?P<words>\S.*)",
    re.IGNORECASE | re.DOTALL,
)
_TRAILER = re.compile(r"[,.;]? (?:and|but) nothing (?:else|more)[.!]?$| in one word[.!]?$| only[.!]$", re.IGNORECASE)
_VAGUE = re.compile(r"(?:something|anything|what|why|how|when|where|who|whether|if|that|it|nothing)\b", re.IGNORECASE)
_COUNT = re.compile(r"\bcount (?:up |down )?(?:from (-?\d{1,9}) )?(?:up |down )?to (-?\d{1,9})\b", re.IGNORECASE)
_NUMBER = r"-?\d{1,12}(?:\.\d{1,6})?"
_SUM = re.compile(
    rf"(?:^|what(?:'s| is)|calculate|compute|how much is|solve)[:\s]*(?P<left>{_NUMBER})\s*"
    rf"(?P<sign>[-+*/x×÷]|plus|minus|times|multiplied by|divided by)\s*(?P<right>{_NUMBER})(?!\s*[-+*/x×÷.\d])",
    re.IGNORECASE,
)
_SIGNS: dict[str, str] = {
    **dict.fromkeys(("plus",), "+"),
    **dict.fromkeys(("minus",), "-"),
    **dict.fromkeys(("times", "multiplied by", "x", "×"), "*"),
    **dict.fromkeys(("divided by", "÷"), "/"),
}
_OPERATIONS: dict[str, Callable[[float, float], float]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": lambda left, right: left / right,
}
_ASKED_BACK = re.compile(
    r"\b(?:what(?:'s| is| was)|remember|recall|tell me) my (?P<thing>[a-z][a-z ]{1,30}?)\s*(?:[?.!]|$)", re.IGNORECASE
)
_SUMMARY = re.compile(
    r"\bconversation\b.*\bsummary\b|\b(?:summary|summari[sz]e|sum up)\b.*\bconversation\b", re.IGNORECASE | re.DOTALL
)
_OPENINGS = (
    "This is a simulated answer from the Entrepôt sandbox; no model was called.",
    "The Entrepôt sandbox simulates this answer; no model was called.",
    "No model was called: the Entrepôt sandbox simulates this answer.",
    "Simulated by the Entrepôt sandbox, without calling a model.",
)


def say(turn: Turn) -> str:
    """An answer in the words the prompt dictates, or one to three sentences about it."""
    for form in (_dictated, _summarised, _counted, _calculated, _recalled):
        words = form(turn)
        if words is not None:
            return words
    return general(turn)


def general(turn: Turn) -> str:
    """A simulated answer that names what was asked and what was attached."""
    opening = _OPENINGS[(turn.request.seed or 0) % len(_OPENINGS)]
    asked = _quoted(turn.prompt)
    sentences = [opening, f"You asked: “{asked}”" if asked else "You sent no text.", seen(turn.attachments)]
    return " ".join(filter(None, sentences))


def think(turn: Turn) -> str:
    return f"The prompt reads “{_quoted(turn.prompt)}”. I am simulated, so I answer from its own words."


def refuse() -> str:
    return "I'm sorry, but I can't help with that. This refusal is simulated, as asked."


def seen(attachments: tuple[Attachment, ...]) -> str:
    """What came with the prompt, counted by kind, with the size of images: "I see 1 image (640 × 480)." """
    if not attachments:
        return ""
    kinds = Counter(map(_kind, attachments))
    counted = [f"{number} {kind}{'s' if number > 1 else ''}" for kind, number in kinds.items()]
    details = ", ".join(filter(None, map(_detail, attachments)))
    return f"I see {' and '.join(counted)}" + (f" ({details})." if details else ".")


def _kind(attachment: Attachment) -> str:
    if isinstance(attachment, Image):
        return "image"
    return "audio recording" if isinstance(attachment, Audio) else "file"


def _detail(attachment: Attachment) -> str | None:
    if isinstance(attachment, Image):
        size = images.size_of(attachment.url)
        return f"{size.width_px} × {size.height_px}" if size else None
    return attachment.filename if isinstance(attachment, Document) else attachment.format


def _quoted(text: str) -> str:
    """The beginning of a text on one line."""
    line = " ".join(text[: 4 * QUOTED_CHARS].split())
    return line if len(line) <= QUOTED_CHARS else f"{line[:QUOTED_CHARS].rstrip()}…"


def _dictated(turn: Turn) -> str | None:
    match = _DICTATED.fullmatch(turn.prompt.strip())
    if match is None or _VAGUE.match(match["words"]):
        return None
    words = _TRAILER.sub("", match["words"].strip())
    quoted = re.match(r"[\"'“`](.+)[\"'”`][.!]?$", words, re.DOTALL)
    if quoted:
        return quoted[1]
    return words.removesuffix(".") if words.count(".") == 1 else words


def _summarised(turn: Turn) -> str | None:
    """How each turn of the conversation began, where that is to be summed up."""
    earlier = [message for message in turn.request.messages if message.role in ("user", "assistant")][:-1]
    if not earlier or _SUMMARY.search(ends_of(turn.prompt)) is None:
        return None
    said = (f"The {message.role} said “{_quoted(said_in(message))}”." for message in earlier)
    return " ".join(["This summary is simulated.", *said])


def _counted(turn: Turn) -> str | None:
    match = _COUNT.search(ends_of(turn.prompt))
    if match is None:
        return None
    first, last = int(match[1] or 1), int(match[2])
    step = 1 if first <= last else -1
    return ", ".join(map(str, range(first, last + step, step)[:MAX_COUNT]))


def _calculated(turn: Turn) -> str | None:
    match = _SUM.search(turn.prompt.strip()) if len(turn.prompt) < QUOTED_CHARS else None
    if match is None:
        return None
    sign = _SIGNS.get(match["sign"].lower(), match["sign"])
    left, right = float(match["left"]), float(match["right"])
    if sign == "/" and right == 0:
        return f"{match['left']} / 0 is undefined."
    return f"{match['left']} {sign} {match['right']} = {_OPERATIONS[sign](left, right):.15g}"


def _recalled(turn: Turn) -> str | None:
    """What the user said of themselves in an earlier turn."""
    asked = _ASKED_BACK.search(ends_of(turn.prompt))
    if asked is None:
        return None
    thing = asked["thing"].strip()
    told = re.compile(rf"\bmy {re.escape(thing)} is (?P<value>[^.,;!?\n]{{1,80}})", re.IGNORECASE)
    introduced = re.compile(r"\b(?:I am|I'm|call me) (?P<value>[A-Z][\w'-]*(?: [A-Z][\w'-]*)*)")
    for text in reversed(_told(turn.request)):
        match = told.search(text) or (introduced.search(text) if thing == "name" else None)
        if match:
            return f"Your {thing} is {re.split(r' and (?:I|my)', match['value'])[0].strip()}."
    return None


def _told(request: Request) -> list[str]:
    told = (message for message in request.messages if message.role in ("system", "developer", "user"))
    return [ends_of(said_in(message)) for message in told]
