"""Compiles the native code for this very processor, once, into the user's cache.

`python -m shared.models.native.build` does so ahead of the first start, as `make` does.

Without a compiler there is none, which is said once. Refuses to know what the code computes.
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
def library() -> ctypes.CDLL | None:
    """The native code; None where it cannot be compiled."""
    compiler = shutil.which(COMPILER)
    if compiler is None:
        log.warning("There is no %s: networks run on torch alone, several times slower.", COMPILER)
        return None
    try:
        _share_threads()
        return ctypes.CDLL(str(_compiled(compiler)))
    except (OSError, RuntimeError, subprocess.SubprocessError) as error:
        said = getattr(error, "stderr", None) or error
        log.warning("Networks run on torch alone, several times slower: %s", said)
        return None


@cache
def version() -> str:
    """The compiler's, for it decides how sums round."""
    said = _ask(COMPILER, "-dumpfullversion")
    return f"gcc-{said.strip()}"


def _share_threads() -> None:
    """Let the native code find the OpenMP that torch has loaded, under whatever name it goes.

    Two would each keep a pool of threads, and one pool would spin where the other works.
    """
    for line in Path("/proc/self/maps").read_text(encoding="utf-8").splitlines():
        if "libgomp" in (path := line.split(maxsplit=5)[-1]):
            ctypes.CDLL(path, mode=ctypes.RTLD_GLOBAL)
            return


def _compiled(compiler: str) -> Path:
    """Where the compiled code lies; made if it is not there."""
    target = CACHE.expanduser() / f"native-{_fingerprint(compiler)}.so"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent) as folder:
            made = Path(folder) / target.name
            sources = [str(path) for path in sorted(SOURCES.glob("*.cpp"))]
            _ask(compiler, *FLAGS, *sources, "-o", str(made))
            made.replace(target)
    return target


def _fingerprint(compiler: str) -> str:
    """Of everything that the compiled code depends on, the processor with it."""
    digest = hashlib.sha256(" ".join((platform.machine(), *FLAGS)).encode())
    for path in sorted((*SOURCES.glob("*.cpp"), *SOURCES.glob("*.h"))):
        digest.update(path.read_bytes())
    digest.update(_ask(compiler, *FLAGS, "-dM", "-E", "-x", "c++", os.devnull).encode())
    digest.update(_ask(compiler, "--version").encode())
    return digest.hexdigest()[:16]


def _ask(*command: str) -> str:
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)  # noqa: S603 - ours
    return done.stdout


if __name__ == "__main__":
    library()
