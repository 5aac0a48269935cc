"""OpenAI's own Node SDK against a hub with a test key: one run of tests/clients/openai.test.mjs, case by case."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.hub import Hub

CLIENTS = Path(__file__).parents[1] / "clients"
SCRIPT = CLIENTS / "openai.test.mjs"
# One name of the script is a template: it stands for two cases.
NAMES = [
    name
    for written in re.findall(r'^\s*test\(["`](.+?)["`], ', SCRIPT.read_text("utf-8"), re.MULTILINE)
    for name in ([written] if "${" not in written else ["tool loop", "tool loop, streamed"])
]
PATH = os.pathsep.join((os.environ["PATH"], str(Path(sys.executable).parent)))


@pytest.fixture(scope="module")
def report(hub: Hub) -> str:
    node = shutil.which("node", path=PATH)
    assert node, "scripts/setup dev brings Node"
    done = subprocess.run(
        [node, "--test", "--test-reporter=tap", SCRIPT.name],
        cwd=CLIENTS,
        env={"PATH": PATH, "HUB_URL": hub.url, "HUB_KEY": hub.tokens.test},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize("name", NAMES)
def test_case(report: str, name: str) -> None:
    said = re.search(rf"^\s*(not ok|ok) \d+ - {re.escape(name)}$(?P<rest>.*?)(?=^\s*# Subtest|\Z)", report, re.M | re.S)
    assert said, report
    assert said[1] == "ok", said["rest"]
