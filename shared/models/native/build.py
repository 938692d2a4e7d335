"""Compiles the native code, once for each kind of processor, and loads it.

`python -m shared.models.native.build` compiles it before the first start, as `make` does. Without a
compiler, or without a folder that may be written to and executed from, the networks run on torch;
`describe` and one warning in the log say why.
"""

import ctypes
import hashlib
import logging
import os
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from shared.models.native.settings import NativeSettings

log = logging.getLogger(__name__)

SOURCES = Path(__file__).parent
FLAGS = ("-std=c++17", "-O3", "-fopenmp", "-fPIC", "-shared")
COMPILER = "g++"
HOME_CACHE = Path("~/.cache/ostinato")
STATE_SUBFOLDER = "native"


@dataclass(frozen=True, slots=True, kw_only=True)
class NativeCode:
    """The loaded library, or the reason why there is none."""

    library: ctypes.CDLL | None
    detail: str
    """Where the library was loaded from; or why networks run on torch, and what to do."""


@cache
def load_library() -> ctypes.CDLL | None:
    """The native code, compiled if necessary; None if networks run on torch."""
    native = _load()
    if native.library is None:
        log.warning("Networks run on torch, several times slower: %s", native.detail)
    return native.library


def describe() -> str:
    """One sentence: how networks run on this machine's processor, and what would make it faster."""
    native = _load()
    if native.library is None:
        return f"torch without native code, several times slower: {native.detail}"
    return f"native code from {native.detail}"


@cache
def compiler_version() -> str:
    """The version of the compiler, which determines how sums are rounded.

    It ends with the instruction set, unless that is the processor's own.
    """
    version = f"gcc-{_run(COMPILER, '-dumpfullversion').strip()}"
    arch = NativeSettings.load().native_arch
    return version if arch == "native" else f"{version}-{arch}"


@cache
def _load() -> NativeCode:
    settings = NativeSettings.load()
    if shutil.which(COMPILER) is None:
        return NativeCode(library=None, detail=f"{COMPILER} is not installed; install it.")
    flags = (*FLAGS, f"-march={settings.native_arch}")
    failures = []
    for folder in _folders(settings):
        try:
            _preload_openmp_of_torch()
            library = ctypes.CDLL(str(_compile(folder, flags)))
        except (OSError, subprocess.SubprocessError) as error:
            failures.append(f"{folder}: {_message(error)}")
        else:
            return NativeCode(library=library, detail=str(folder))
    failures.append("set OSTINATO_STATE_DIR to a folder that allows writing and execution.")
    return NativeCode(library=None, detail="; ".join(failures))


def _folders(settings: NativeSettings) -> Iterator[Path]:
    with suppress(RuntimeError):  # no HOME, and no account of this user
        yield HOME_CACHE.expanduser()
    yield settings.state_dir.absolute() / STATE_SUBFOLDER


def _message(error: OSError | subprocess.SubprocessError) -> str:
    """The reason, which for a compiler is its output."""
    return str(getattr(error, "stderr", None) or error).strip()


def _preload_openmp_of_torch() -> None:
    """Let the native code link to the OpenMP library that torch has loaded, under any file name.

    With two libraries there would be two thread pools, and one would spin while the other works.
    """
    for line in Path("/proc/self/maps").read_text(encoding="utf-8").splitlines():
        if "libgomp" in (path := line.split(maxsplit=5)[-1]):
            ctypes.CDLL(path, mode=ctypes.RTLD_GLOBAL)
            return


def _compile(folder: Path, flags: tuple[str, ...]) -> Path:
    """Compile the sources unless they are in the folder; returns the library's path."""
    target = folder / f"native-{_fingerprint(flags)}.so"
    if not target.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as temporary:
            built = Path(temporary) / target.name
            sources = [str(path) for path in sorted(SOURCES.glob("*.cpp"))]
            _run(COMPILER, *flags, *sources, "-o", str(built))
            built.replace(target)
    return target


def _fingerprint(flags: tuple[str, ...]) -> str:
    """Hash of everything that the compiled code depends on: sources, flags, compiler, processor."""
    digest = hashlib.sha256(" ".join((platform.machine(), *flags)).encode())
    for path in sorted((*SOURCES.glob("*.cpp"), *SOURCES.glob("*.h"))):
        digest.update(path.read_bytes())
    digest.update(_run(COMPILER, *flags, "-dM", "-E", "-x", "c++", os.devnull).encode())
    digest.update(_run(COMPILER, "--version").encode())
    return digest.hexdigest()[:16]


def _run(*command: str) -> str:
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)  # noqa: S603 - our own command
    return done.stdout


if __name__ == "__main__":
    load_library()
