"""Names of log fields, and the one place that keeps secrets out of what is written."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable
from datetime import UTC, datetime

HIDDEN = "[hidden]"
_KEY = re.compile(r"\bep-(live|test)-([0-9A-Za-z]{12})-[0-9A-Za-z]{38}\b")
_TOKEN = re.compile(r"\bep-(session|invitation|welcome|reset)-[0-9A-Za-z]{43}\b")
_SHORTEST_SECRET = 4


def redact(text: str, secrets: Iterable[str]) -> str:
    """`text` without any of `secrets` and without the secret part of the hub's own keys and tokens."""
    for secret in secrets:
        if len(secret) >= _SHORTEST_SECRET and secret in text:
            text = text.replace(secret, HIDDEN)
    return _TOKEN.sub(rf"ep-\1-{HIDDEN}", _KEY.sub(rf"ep-\1-\2-{HIDDEN}", text))


class Formatter(logging.Formatter):
    """Log lines as text or JSON, redacted by value after formatting, tracebacks included."""

    def __init__(self, *, as_json: bool) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._as_json = as_json
        self.secrets: tuple[str, ...] = ()

    def format(self, record: logging.LogRecord) -> str:
        return redact(self._json(record) if self._as_json else super().format(record), self.secrets)

    def _json(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)
