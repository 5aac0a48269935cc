"""Puts each peer into an environment of its own under the cache directory, at pinned versions, and weighs it.

Uses the ordinary clients (venv and pip, npm, apt) and whatever package sources they are set up with.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from bench.servers import Absent

PROJECT = Path(__file__).parent.parent
PEERS = Path(__file__).parent / "peers"
SEEDED = {"pip", "setuptools", "wheel", "pkg_resources", "_distutils_hack", "distutils-precedence.pth"}
NGINX_PACKAGES = ("nginx", "nginx-core", "nginx-light")
INSTALL_TIMEOUT_S = 600


class Footprint(msgspec.Struct, frozen=True):
    packages: int
    mb: float


def python_environment(cache: Path, name: str, *arguments: str, source: Path) -> Path:
    """A virtual environment with `pip install *arguments`, made anew when `source` changed."""
    environment = cache / name
    if _is_current(environment, source):
        return environment
    shutil.rmtree(environment, ignore_errors=True)
    _run([sys.executable, "-m", "venv", str(environment)])
    _run([str(environment / "bin/python"), "-m", "pip", "install", "--quiet", *arguments])
    _mark_current(environment, source)
    return environment


def peer_python_environment(cache: Path, name: str) -> Path:
    pins = PEERS / f"{name}.txt"
    return python_environment(cache, name, "--requirement", str(pins), source=pins)


def node_environment(cache: Path, name: str) -> Path:
    environment, lock = cache / name, PEERS / name / "package-lock.json"
    if shutil.which("npm") is None:
        raise Absent("npm is not on PATH")
    if _is_current(environment, lock):
        return environment
    shutil.rmtree(environment, ignore_errors=True)
    shutil.copytree(PEERS / name, environment)
    _run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=environment)
    _mark_current(environment, lock)
    return environment


def nginx_binary(cache: Path) -> Path:
    """The machine's nginx, or one unpacked from apt's package: unpacked, not installed, so that no service starts."""
    for path in (shutil.which("nginx"), shutil.which("nginx", path="/usr/sbin"), cache / "nginx/usr/sbin/nginx"):
        if path is not None and Path(path).exists():
            return Path(path)
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        raise Absent("nginx is not on PATH, and there is no apt to get it with")
    return _unpack_nginx(cache / "nginx")


def _unpack_nginx(environment: Path) -> Path:
    environment.mkdir(parents=True, exist_ok=True)
    _run(["apt-get", "download", "--quiet", *_known_to_apt(NGINX_PACKAGES)], cwd=environment)
    for package in environment.glob("*.deb"):
        _run(["dpkg-deb", "--extract", str(package), str(environment)])
    binary = environment / "usr/sbin/nginx"
    if not binary.exists():
        raise Absent("apt's packages hold no nginx program")
    _run([str(binary), "-v"])
    return binary


def _known_to_apt(names: Sequence[str]) -> list[str]:
    known = [name for name in names if "Filename:" in _run(["apt-cache", "show", name], check=False)]
    if not known:
        raise Absent("apt knows no nginx package; apt-get update may help")
    return known


def _run(argv: Sequence[str], *, cwd: Path | None = None, check: bool = True) -> str:
    try:
        done = subprocess.run(argv, cwd=cwd, capture_output=True, text=True, timeout=INSTALL_TIMEOUT_S)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Absent(f"{argv[0]}: {error}") from None
    if check and done.returncode != 0:
        lines = (done.stderr.strip() or done.stdout.strip()).splitlines() or ["no message"]
        raise Absent(f"{Path(argv[0]).name} {' '.join(argv[1:3])}: {lines[-1][:200]}")
    return done.stdout


def _digest(source: Path) -> str:
    return hashlib.sha256(source.read_bytes()).hexdigest()


def _is_current(environment: Path, source: Path) -> bool:
    mark = environment / "installed"
    return mark.exists() and mark.read_text() == _digest(source)


def _mark_current(environment: Path, source: Path) -> None:
    (environment / "installed").write_text(_digest(source))


# Weight -------------------------------------------------------------------------------------------


def hub_footprint(cache: Path) -> Footprint:
    """A fresh environment with nothing but `pip install` of this project in it."""
    source = PROJECT / "pyproject.toml"
    return python_footprint(python_environment(cache, "core", str(PROJECT), source=source))


def python_footprint(environment: Path) -> Footprint:
    """Distributions and megabytes in site-packages, without what the venv itself was seeded with."""
    (site_packages,) = (environment / "lib").glob("python3*/site-packages")
    names = [path for path in site_packages.iterdir() if path.name.split("-")[0] not in SEEDED]
    return Footprint(sum(path.suffix == ".dist-info" for path in names), _mb(names))


def node_footprint(environment: Path) -> Footprint:
    modules = environment / "node_modules"
    packages = (path for path in modules.glob("**/package.json") if _is_package(path.parent))
    return Footprint(sum(1 for _ in packages), _mb([modules]))


def _is_package(directory: Path) -> bool:
    """node_modules/NAME or node_modules/@SCOPE/NAME, at any depth."""
    parent = directory.parent
    return parent.name == "node_modules" or (parent.name.startswith("@") and parent.parent.name == "node_modules")


def _mb(roots: Sequence[Path]) -> float:
    return sum(path.lstat().st_size for root in roots for path in _files(root)) / 1_000_000


def _files(root: Path) -> Iterator[Path]:
    return (path for path in ([root] if root.is_file() else root.rglob("*")) if path.is_file())
