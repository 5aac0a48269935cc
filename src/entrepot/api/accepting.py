"""Which form of an answer a request asks for: `accept`, and `accept-encoding`, which is of the same kind."""

from __future__ import annotations

from collections.abc import Sequence

MARKDOWN, JSON, HTML, CSV = "text/markdown", "application/json", "text/html", "text/csv"


def preferred(accept: str, offered: Sequence[str]) -> str | None:
    """What of the offered `accept` names with the greatest weight, the first of them where several have it.

    None where it names none of them: a wildcard is no name.
    """
    weights = dict(_weighed(each) for each in accept.split(","))
    named = [each for each in offered if weights.get(each, 0.0) > 0]
    return max(named, key=lambda each: weights[each], default=None)


def _weighed(text: str) -> tuple[str, float]:
    """Name and weight (RFC 9110, 12.4.2). A weight that is no number counts for nothing."""
    kind, *parameters = (part.strip().lower() for part in text.split(";"))
    given = next((part.removeprefix("q=") for part in parameters if part.startswith("q=")), "1")
    try:
        return kind, float(given)
    except ValueError:
        return kind, 0.0
