"""LangChain's standard integration tests against a hub with a test key: one run, told case by case for each class."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from tests.support.apart import run_apart
from tests.support.hub import Hub

OPTIONS = (
    *("-c", "/dev/null", "--rootdir", ".", "--noconftest", "-p", "no:cacheprovider", "--record-mode", "all"),
    *("-o", "asyncio_mode=auto", "-o", "asyncio_default_test_loop_scope=session"),
    *("-o", "asyncio_default_fixture_loop_scope=session"),
)
# What a class leaves out, and why.
LEFT_OUT = {"TestMessages": {"test_audio_inputs": "Model does not support audio inputs."}}


@pytest.fixture(scope="module")
def cases(hub: Hub, tmp_path_factory: pytest.TempPathFactory) -> list[ElementTree.Element]:
    report = tmp_path_factory.mktemp("langchain") / "report.xml"
    environ = {"HUB_URL": hub.url, "HUB_KEY": hub.tokens.test, "HOME": str(report.parent)}
    done = run_apart(
        "langchain", "-m", "pytest", *OPTIONS, f"--junit-xml={report}", "langchain_standard.py", environ=environ
    )
    assert report.exists(), done.stdout + done.stderr
    return list(ElementTree.parse(report).iter("testcase"))


@pytest.mark.parametrize(
    ("name", "number"),
    [("TestChatCompletions", 50), ("TestResponses", 50), ("TestMessages", 50)],
)
def test_standard_cases(cases: list[ElementTree.Element], name: str, number: int) -> None:
    mine = [case for case in cases if case.attrib["classname"].endswith(f".{name}")]
    assert len(mine) == number
    failed = {case.attrib["name"]: why.text for case in mine for why in case if why.tag in ("failure", "error")}
    assert failed == {}
    left_out = {case.attrib["name"]: why.attrib["message"] for case in mine for why in case if why.tag == "skipped"}
    assert left_out == LEFT_OUT.get(name, {})
