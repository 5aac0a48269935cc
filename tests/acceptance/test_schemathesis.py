"""schemathesis calls a running hub with whatever its OpenAPI document allows and forbids, and finds nothing amiss."""

from __future__ import annotations

from pathlib import Path

from tests.support.apart import run_apart
from tests.support.hub import Hubs, eventually, make_key

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
TWINS = "^/(api/|models|chat|messages|responses|embeddings)"
"""The same routes below other prefixes: one of each is enough."""

OPTIONS = (
    *("--checks", CHECKS, "--phases", "fuzzing", "--max-examples", "3", "--seed", "1", "--exclude-path-regex", TWINS),
    *("--continue-on-failure", "--no-shrink", "--suppress-health-check", "all", "--generation-database", "none"),
    *("--warnings", "off", "--request-timeout", "30"),
)


def test_answers_conform_to_the_document(hubs: Hubs, tmp_path: Path) -> None:
    """With a key that may do everything and costs nothing; a hub of its own, since much is made and changed."""
    hub = hubs("schemathesis")
    scopes = [word for scope in ("inference", "usage", "management") for word in ("--scope", scope)]
    key = make_key(hub.home, "--mode", "test", "--name", "schemathesis", *scopes)
    eventually(lambda: hub.get("/v1/key", key)[0] == 200)
    done = run_apart(
        "schemathesis",
        *("-m", "schemathesis.cli", "run", f"{hub.url}/openapi.json", "--header", f"Authorization: Bearer {key}"),
        *OPTIONS,
        environ={"HOME": str(tmp_path), "NO_COLOR": "1"},
        folder=tmp_path,
    )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr
    assert "No issues found" in done.stdout
