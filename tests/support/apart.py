"""Programs in the environments that `scripts/setup dev` makes beside its own, for clients that do not get along."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

CLIENTS = Path(__file__).parents[1] / "clients"


def python_of(environment: str) -> Path:
    """The interpreter of an environment; skips the test where it was not made."""
    python = Path(sys.prefix) / environment / "bin" / "python"
    if not python.exists():
        pytest.skip(f"scripts/setup dev makes the environment {environment}")
    return python


def run_apart(
    environment: str, *arguments: str, environ: Mapping[str, str], folder: Path = CLIENTS
) -> subprocess.CompletedProcess[str]:
    """Run Python of that environment in a folder, with these variables and no others."""
    return subprocess.run(
        [python_of(environment), *arguments],
        cwd=folder,
        env=dict(environ),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
