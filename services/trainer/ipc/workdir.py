"""The folder of an errand: one inside it for each attempt, so that no two attempts write one file.

The number of the attempt is the fencing token of the claim. Whoever lost a claim and does not know
it writes where nobody reads any more. Refuses to know what the files are.
"""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

TAKEN = "taken"
"""The first inherited file, until all others are there."""


def errands_under(home: Path) -> Path:
    """Where the folders of all errands are."""
    return home / "errands"


def folder_of(home: Path, job_id: UUID, attempt: int) -> Path:
    """The attempt's own folder."""
    return errands_under(home) / str(job_id) / str(attempt)


def begin_attempt(home: Path, job_id: UUID, attempt: int, inherited: Sequence[str] = ()) -> Path:
    """The attempt's own folder, with the files that the latest attempt left for it, if one did.

    `inherited` are their names, the first being that of the file without which the others are
    nothing. A link is as good as a copy as long as nobody writes into a file.
    """
    folder = folder_of(home, job_id, attempt)
    errand = folder.parent
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    earlier = [each for each in sorted(errand.iterdir(), key=_number) if _number(each) < attempt]
    for other in reversed(earlier):
        if inherited and (other / inherited[0]).exists():
            _inherit(other, folder, inherited)
            break
    for other in earlier:
        shutil.rmtree(other, ignore_errors=True)
    return folder


def _inherit(earlier: Path, folder: Path, names: Sequence[str]) -> None:
    """The first file is taken first, so that no other is older, and gets its name last."""
    first, *others = names
    os.link(earlier / first, folder / TAKEN)
    for name in others:
        if (earlier / name).exists():
            os.link(earlier / name, folder / name)
    (folder / TAKEN).rename(folder / first)


def _number(attempt: Path) -> int:
    return int(attempt.name)
