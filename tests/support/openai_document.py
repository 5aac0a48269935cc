"""OpenAI's published OpenAPI document as the judge of what a hub sends. It is no part of the project.

Looked for as `data/openai-openapi.json` in the folders beside the project, or at OPENAI_OPENAPI_DOCUMENT.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import jsonschema_rs

ROOT = Path(__file__).parents[2]
VARIABLE = "OPENAI_OPENAPI_DOCUMENT"


def find() -> Path | None:
    """The document, when one is at hand."""
    if VARIABLE in os.environ:
        return Path(os.environ[VARIABLE])
    return next(iter(sorted(ROOT.parent.glob("*/data/openai-openapi.json"))), None)


class Document:
    """The document's schemas, repaired where it contradicts what OpenAI sends."""

    def __init__(self, path: Path) -> None:
        self._components = _repaired(json.loads(path.read_text("utf-8"))["components"])
        self._validators: dict[str, jsonschema_rs.Draft202012Validator] = {}

    def complaints(self, name: str, value: Any) -> list[str]:
        """What in `value` the schema `name` does not allow."""
        if name not in self._validators:
            schema = {"$ref": f"#/components/schemas/{name}", "components": self._components}
            self._validators[name] = jsonschema_rs.Draft202012Validator(schema)
        return [
            f"{'/'.join(map(str, error.instance_path))}: {error.message}"
            for error in self._validators[name].iter_errors(value)
        ]


def _repaired(schema: Any) -> Any:
    """The document calls itself 3.1 and still says `nullable: true`, which 3.1 ignores: make it a null type."""
    if isinstance(schema, list):
        return [_repaired(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    repaired = {name: _repaired(value) for name, value in schema.items()}
    if repaired.get("nullable") is True:
        del repaired["nullable"]
        return {"anyOf": [repaired, {"type": "null"}]}
    return repaired
