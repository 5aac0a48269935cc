"""Disks that refuse a hub: without room, or broken. Each skips its test where this machine does not let it be made."""

from __future__ import annotations

import resource
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.support.hub import Hub

SOURCE = Path(__file__).with_name("failing_disk.c")
SIZE = "16m"


@contextmanager
def limited(hub: Hub) -> Iterator[None]:
    """No file of the hub's can grow."""
    unlimited = resource.prlimit(hub.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(hub.process.pid, resource.RLIMIT_FSIZE, (4096, unlimited[1]))
    try:
        yield
    finally:
        resource.prlimit(hub.process.pid, resource.RLIMIT_FSIZE, unlimited)


@contextmanager
def tiny(folder: Path) -> Iterator[None]:
    """A file system of its own in the folder, with little room."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=700", "tmpfs", str(folder)]
    if shutil.which("mount") is None:
        pytest.skip("there is no mount here")
    mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"nothing can be mounted here: {mounted.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@contextmanager
def filled(folder: Path) -> Iterator[None]:
    """Not a byte is left on the folder's file system."""
    path = folder / "filler"
    with path.open("wb", buffering=0) as file:
        for size in (1 << 16, 1):
            try:
                while file.write(bytes(size)):
                    pass
            except OSError:
                continue
    try:
        yield
    finally:
        path.unlink()


class Failing:
    """A disk that fails when told to, for a hub started with `environ`."""

    def __init__(self, folder: Path) -> None:
        compiler = shutil.which("cc") or shutil.which("gcc")
        if compiler is None:
            pytest.skip("there is no C compiler here")
        library = folder / "failing_disk.so"
        command = [compiler, "-shared", "-fPIC", "-o", str(library), str(SOURCE), "-ldl"]
        compiled = subprocess.run(command, capture_output=True, text=True, check=False)
        if compiled.returncode:
            pytest.skip(f"the C compiler here makes no library: {compiled.stderr.strip()[:200]}")
        self._fault = folder / "fault"
        self.environ = {"LD_PRELOAD": str(library), "DISK_FAULT": str(self._fault)}

    @contextmanager
    def at(self, what: str) -> Iterator[None]:
        """Every `sync` or `write` fails."""
        self._fault.write_text(what)
        try:
            yield
        finally:
            self._fault.unlink()
