"""The whole of Ostinato as `make up` starts it, in a folder of its own, for those who time it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from deploy.local.bring_up import bring_up
from deploy.local.stack import Stack
from tests.public_folder import public_folder

CHECKPOINTS = Path("checkpoints").absolute()
VERSION = "v7" if (CHECKPOINTS / "v7").exists() else "mini"
"""The one that is played, where one is enough."""


@contextmanager
def house(*, whole: bool = False) -> Iterator[Stack]:
    """Up and ready, with one version, or with all that there are; gone afterwards."""
    with public_folder() as folder:
        (folder / "checkpoints").mkdir()
        (folder / "checkpoints" / VERSION).symlink_to(CHECKPOINTS / VERSION)
        stack = Stack(folder / "var", checkpoints=CHECKPOINTS if whole else folder / "checkpoints")
        with stack, Console(stderr=True).status("starting") as status:
            bring_up(stack, status.update)
            status.stop()
            yield stack
