"""The types by which the browser application knows the API are those of the API as it is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_types_are_those_of_the_document(tmp_path: Path) -> None:
    """`scripts/types` writes them anew."""
    written = tmp_path / "schema.d.ts"
    environ = os.environ | {"PYTHON": sys.executable, "PYTHONPATH": str(ROOT / "src")}
    made = subprocess.run(
        ["scripts/types", str(written)], cwd=ROOT, env=environ, capture_output=True, text=True, check=False, timeout=60
    )
    assert made.returncode == 0, made.stderr
    assert written.read_text("utf-8") == (ROOT / "web" / "src" / "api" / "schema.d.ts").read_text("utf-8")
