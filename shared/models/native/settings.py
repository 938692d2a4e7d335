"""Settings of the native code: for which processor, and where it is kept."""

from pathlib import Path

from shared.settings import OstinatoSettings


class NativeSettings(OstinatoSettings):
    """Read from `OSTINATO_*` variables when the native code is loaded."""

    native_arch: str = "native"
    """Instruction set of the native code, a value of g++'s -march; `native` is this processor's."""
    state_dir: Path = Path("var")
    """Folder that keeps the native code if the home folder is read-only or does not allow execution
    (mount option noexec)."""
