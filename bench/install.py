"""Puts the hub and each peer into an environment of its own, at pinned versions, and weighs it.

Uses the ordinary clients (uv, npm, apt) and whatever package sources they are set up with.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from bench.servers import Absent

PROJECT = Path(__file__).parent.parent
PEERS = Path(__file__).parent / "peers"
NGINX_PACKAGES = ("nginx", "nginx-core", "nginx-light")
INSTALL_TIMEOUT_S = 600


class Footprint(msgspec.Struct, frozen=True):
    packages: int
    mb: float


def hub_environment(cache: Path) -> Path:
    """What `pip install` of this checkout gives, at the locked versions; made anew when the source changed."""
    lock = PROJECT / "requirements/run.txt"
    sources = [PROJECT / "pyproject.toml", lock, *sorted((PROJECT / "src").rglob("*.*"))]
    return _python_environment(cache / "hub", ["--constraints", str(lock), str(PROJECT)], sources)


def peer_python_environment(cache: Path, name: str) -> Path:
    pins = PEERS / f"{name}.txt"
    return _python_environment(cache / name, ["--require-hashes", "--requirement", str(pins)], [pins])


def _python_environment(environment: Path, arguments: Sequence[str], sources: Sequence[Path]) -> Path:
    if _is_current(environment, sources):
        return environment
    shutil.rmtree(environment, ignore_errors=True)
    _run(["uv", "venv", "--quiet", "--python", sys.executable, str(environment)])
    python = str(environment / "bin/python")
    # Compiled here, as pip does: else the first start would pay for it, and the size would grow later.
    _run(["uv", "pip", "install", "--quiet", "--compile-bytecode", "--python", python, *arguments])
    _mark_current(environment, sources)
    return environment


def node_environment(cache: Path, name: str) -> Path:
    environment, lock = cache / name, PEERS / name / "package-lock.json"
    if shutil.which("npm") is None:
        raise Absent("npm is not on PATH")
    if _is_current(environment, [lock]):
        return environment
    shutil.rmtree(environment, ignore_errors=True)
    shutil.copytree(PEERS / name, environment)
    _run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=environment)
    _mark_current(environment, [lock])
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
    known = _run(["apt-cache", "pkgnames", "nginx"]).split()
    wanted = [name for name in NGINX_PACKAGES if name in known]
    if not wanted:
        raise Absent("apt knows no nginx package; apt-get update may help")
    _run(["apt-get", "download", "--quiet", *wanted], cwd=environment)
    for package in environment.glob("*.deb"):
        _run(["dpkg-deb", "--extract", str(package), str(environment)])
    binary = environment / "usr/sbin/nginx"
    if not binary.exists():
        raise Absent("apt's packages hold no nginx program")
    _run([str(binary), "-v"])
    return binary


def _run(argv: Sequence[str], *, cwd: Path | None = None) -> str:
    """Its standard output. Raises Absent with the last line of what it said when it fails."""
    try:
        done = subprocess.run(argv, check=True, cwd=cwd, capture_output=True, text=True, timeout=INSTALL_TIMEOUT_S)
    except subprocess.CalledProcessError as error:
        lines = (error.stderr.strip() or error.stdout.strip()).splitlines() or ["no message"]
        raise Absent(f"{Path(argv[0]).name} {' '.join(argv[1:3])}: {lines[-1][:200]}") from None
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Absent(f"{argv[0]}: {error}") from None
    return done.stdout


def _digest(sources: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for path in sources:
        if path.is_file() and path.suffix != ".pyc":
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _is_current(environment: Path, sources: Sequence[Path]) -> bool:
    mark = environment / "installed"
    return mark.exists() and mark.read_text() == _digest(sources)


def _mark_current(environment: Path, sources: Sequence[Path]) -> None:
    (environment / "installed").write_text(_digest(sources))


# Weight -------------------------------------------------------------------------------------------


def python_footprint(environment: Path) -> Footprint:
    """Distributions and megabytes in site-packages."""
    (site_packages,) = (environment / "lib").glob("python3*/site-packages")
    return Footprint(sum(1 for _ in site_packages.glob("*.dist-info")), _mb(site_packages))


def node_footprint(environment: Path) -> Footprint:
    modules = environment / "node_modules"
    packages = (path for path in modules.glob("**/package.json") if _is_package(path.parent))
    return Footprint(sum(1 for _ in packages), _mb(modules))


def _is_package(directory: Path) -> bool:
    """node_modules/NAME or node_modules/@SCOPE/NAME, at any depth."""
    parent = directory.parent
    return parent.name == "node_modules" or (parent.name.startswith("@") and parent.parent.name == "node_modules")


def _mb(root: Path) -> float:
    return sum(path.lstat().st_size for path in root.rglob("*") if path.is_file()) / 1_000_000
