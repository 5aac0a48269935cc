"""The hub as its operators run it: `entrepot serve` in a process of its own, with a home and settings of its own."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlsplit

import apsw

T = TypeVar("T")

COMMAND = str(Path(sys.executable).with_name("entrepot"))
START_S = 60.0
STOP_S = 20.0


class Tokens(NamedTuple):
    """Keys of one home, as a client sends them."""

    live: str
    test: str


def eventually(check: Callable[[], T], within_s: float = 5.0) -> T:
    """The first truthy result of `check`; fails when there is none in time."""
    until = time.monotonic() + within_s
    while not (result := check()):
        assert time.monotonic() < until, f"not within {within_s:g} s: {check}"
        time.sleep(0.02)
    return result


def run(home: Path, *arguments: str, environ: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Any other `entrepot` command on a home."""
    return subprocess.run(
        [COMMAND, *arguments],
        env=_environ(home, environ or {}),
        cwd=home.parent,
        capture_output=True,
        text=True,
        timeout=START_S,
        check=False,
    )


def make_key(home: Path, *arguments: str) -> str:
    made = run(home, "keys", "create", "--json", *arguments)
    assert made.returncode == 0, made.stderr
    return str(json.loads(made.stdout)["key"])


def make_home(path: Path) -> Tokens:
    """A home with a live and a test key, made by the command line."""
    return Tokens(live=make_key(path, "--mode", "live"), test=make_key(path, "--mode", "test"))


class Hub:
    """One running hub. What it prints and logs goes to files beside its home."""

    def __init__(
        self,
        home: Path,
        *,
        settings: str = "",
        arguments: Sequence[str] = ("--port", "0"),
        environ: Mapping[str, str] | None = None,
        tokens: Tokens | None = None,
        command: Sequence[str] = (COMMAND,),
    ) -> None:
        """Start the hub and return when it is ready. Fails with its log when it does not get there."""
        self.home = home
        self.tokens = tokens or Tokens("", "")
        self.settings_path = home / "entrepot.toml"
        self._said_path = home.with_name(f"{home.name}.out")
        self._log_path = home.with_name(f"{home.name}.log")
        home.mkdir(parents=True, exist_ok=True)
        self.settings_path.write_text(settings, "utf-8")
        with self._said_path.open("w") as said, self._log_path.open("w") as log:
            self.process = subprocess.Popen(
                [*command, "serve", *arguments], env=_environ(home, environ or {}), cwd=home, stdout=said, stderr=log
            )
        try:
            self.url = eventually(self._announced, START_S)
            self.host, self.port = urlsplit(self.url).hostname or "", urlsplit(self.url).port or 0
            eventually(self.is_ready, START_S)
        except BaseException:
            self.kill()
            raise

    @property
    def api(self) -> str:
        """What OpenAI's clients take as base_url."""
        return f"{self.url}/v1"

    @property
    def said(self) -> str:
        """What it has printed."""
        return self._said_path.read_text("utf-8")

    @property
    def log(self) -> str:
        return self._log_path.read_text("utf-8")

    @property
    def open_files(self) -> int:
        """File descriptors it holds, sockets included."""
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def is_alive(self) -> bool:
        return self.process.poll() is None

    def is_ready(self) -> bool:
        try:
            return self.get("/ready")[0] == 200
        except ConnectionError:
            return False

    def get(self, path: str, token: str | None = None) -> tuple[int, Any]:
        """Status and decoded body of a GET."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=10)
        try:
            connection.request("GET", path, headers={"authorization": f"Bearer {token}"} if token else {})
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        finally:
            connection.close()

    def exchanges(self) -> list[dict[str, Any]]:
        """The rows its store holds by now, oldest first."""
        connection = apsw.Connection(str(self.home / "entrepot.db"), flags=apsw.SQLITE_OPEN_READONLY)
        try:
            connection.set_busy_timeout(5000)
            cursor = connection.execute("SELECT * FROM exchanges ORDER BY started_at_ms, request_id")
            names: list[str] = []
            rows = []
            for row in cursor:
                names = names or [column[0] for column in cursor.get_description()]
                rows.append(dict(zip(names, row, strict=True)))
            return rows
        finally:
            connection.close()

    def exchange(self, request_id: str) -> dict[str, Any]:
        """The row of one exchange, as soon as it is written."""
        return eventually(lambda: next((row for row in self.exchanges() if row["request_id"] == request_id), {}))

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Tell it to end and return its exit code."""
        if self.is_alive():
            self.process.send_signal(number)
        try:
            return self.process.wait(STOP_S)
        finally:
            self.kill()

    def kill(self) -> None:
        if self.is_alive():
            self.process.kill()
            self.process.wait()

    def _announced(self) -> str:
        assert self.is_alive(), f"the hub ended with {self.process.returncode}:\n{self.log}"
        found = re.search(r"listening on (http://\S+)\n", self.said)
        return found[1] if found else ""


class Hubs:
    """Starts hubs on copies of one home, so that all know the same keys without making them again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seed = folder / "seed"
        self._running: list[Hub] = []
        self.tokens = make_home(self._seed)

    def __call__(self, name: str, settings: str = "", **options: Any) -> Hub:
        home = self._folder / name
        shutil.copytree(self._seed, home)
        hub = Hub(home, settings=settings, tokens=self.tokens, **options)
        self._running.append(hub)
        return hub

    def home(self, name: str) -> Path:
        """A home that no hub uses yet."""
        return self._folder / name

    def close(self) -> None:
        """Stop those still running; each must end well."""
        codes = {hub.home.name: hub.stop() for hub in self._running if hub.is_alive()}
        assert set(codes.values()) <= {0}, codes


def _environ(home: Path, more: Mapping[str, str]) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "PYTHONPATH") if name in os.environ}
    return kept | {"HOME": str(home.parent), "ENTREPOT_HOME": str(home), **more}
