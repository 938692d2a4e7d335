"""The embedded stack in a temporary folder, for benchmarks of the whole service."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from deploy.local.stack import Stack
from tests.support.tmp import world_traversable_dir

CHECKPOINTS = Path("checkpoints").absolute()
VERSION = "v7" if (CHECKPOINTS / "v7").exists() else "mini"
"""The model version of the benchmarks that use only one."""


@contextmanager
def running_stack(*, all_versions: bool = False) -> Iterator[Stack]:
    """A stack that accepts requests, with one model version or with all of them."""
    with world_traversable_dir() as folder:
        one_version = folder / "checkpoints"
        one_version.mkdir()
        (one_version / VERSION).symlink_to(CHECKPOINTS / VERSION)
        checkpoints = CHECKPOINTS if all_versions else one_version
        stack = Stack(folder / "var", checkpoints_dir=checkpoints)
        with stack, Console(stderr=True).status("starting") as status:
            stack.bring_up(status.update)
            status.stop()
            yield stack
