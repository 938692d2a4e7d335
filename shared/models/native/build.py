"""Compiles the native code for this processor, once, into the user's cache.

`python -m shared.models.native.build` compiles it before the first start, as `make` does. Without a
compiler the networks run on torch, and one warning is logged.
"""

import ctypes
import hashlib
import logging
import os
import platform
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

log = logging.getLogger(__name__)

SOURCES = Path(__file__).parent
FLAGS = ("-std=c++17", "-O3", "-march=native", "-fopenmp", "-fPIC", "-shared")
COMPILER = "g++"
CACHE = Path("~/.cache/ostinato")


@cache
def load_library() -> ctypes.CDLL | None:
    """The compiled native code; None if it cannot be compiled."""
    compiler = shutil.which(COMPILER)
    if compiler is None:
        log.warning("There is no %s: networks run on torch, several times slower.", COMPILER)
        return None
    try:
        _preload_openmp_of_torch()
        return ctypes.CDLL(str(_compile(compiler)))
    except (OSError, RuntimeError, subprocess.SubprocessError) as error:
        detail = getattr(error, "stderr", None) or error
        log.warning("Networks run on torch, several times slower: %s", detail)
        return None


@cache
def compiler_version() -> str:
    """The version of the compiler, which determines how sums are rounded."""
    version = _run(COMPILER, "-dumpfullversion")
    return f"gcc-{version.strip()}"


def _preload_openmp_of_torch() -> None:
    """Let the native code link to the OpenMP library that torch has loaded, under any file name.

    With two libraries there would be two thread pools, and one would spin while the other works.
    """
    for line in Path("/proc/self/maps").read_text(encoding="utf-8").splitlines():
        if "libgomp" in (path := line.split(maxsplit=5)[-1]):
            ctypes.CDLL(path, mode=ctypes.RTLD_GLOBAL)
            return


def _compile(compiler: str) -> Path:
    """Compile the sources unless they are in the cache; returns the library's path."""
    target = CACHE.expanduser() / f"native-{_fingerprint(compiler)}.so"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent) as folder:
            built = Path(folder) / target.name
            sources = [str(path) for path in sorted(SOURCES.glob("*.cpp"))]
            _run(compiler, *FLAGS, *sources, "-o", str(built))
            built.replace(target)
    return target


def _fingerprint(compiler: str) -> str:
    """Hash of everything that the compiled code depends on: sources, flags, compiler, processor."""
    digest = hashlib.sha256(" ".join((platform.machine(), *FLAGS)).encode())
    for path in sorted((*SOURCES.glob("*.cpp"), *SOURCES.glob("*.h"))):
        digest.update(path.read_bytes())
    digest.update(_run(compiler, *FLAGS, "-dM", "-E", "-x", "c++", os.devnull).encode())
    digest.update(_run(compiler, "--version").encode())
    return digest.hexdigest()[:16]


def _run(*command: str) -> str:
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)  # noqa: S603 - our own command
    return done.stdout


if __name__ == "__main__":
    load_library()
