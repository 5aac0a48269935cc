"""Node's clients against a hub with a test key and one before llama.cpp: each script of tests/clients in one run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.apart import CLIENTS
from tests.support.hub import Hub

PATH = os.pathsep.join((os.environ["PATH"], str(Path(sys.executable).parent)))


@pytest.mark.parametrize("script", sorted(CLIENTS.glob("*.test.mjs")), ids=lambda script: script.name)
def test_script(hub: Hub, local_hub: Hub, script: Path) -> None:
    node = shutil.which("node", path=PATH)
    assert node, "scripts/setup dev brings Node"
    done = subprocess.run(
        [node, "--test", "--test-reporter=tap", script.name],
        cwd=CLIENTS,
        env={
            "PATH": PATH,
            "HUB_URL": hub.url,
            "HUB_KEY": hub.tokens.test,
            "ENGINE_URL": local_hub.url,
            "ENGINE_KEY": local_hub.tokens.live,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    cases = re.findall(r"^ *test\(", script.read_text("utf-8"), re.MULTILINE)
    found = dict(re.findall(r"^# (tests|pass) (\d+)$", done.stdout, re.MULTILINE))
    assert done.returncode == 0, done.stdout + done.stderr
    assert found["pass"] == found["tests"]
    assert int(found["tests"]) >= len(cases) > 0
