"""Groups of test modules that run in one process, because they share a stack or fixtures.

With `pytest -n 2` (pytest-xdist) each of two processes runs one group after the other. The modules
that use the same stack are one group, so that the stack starts once; so are those of a folder whose
fixtures take seconds. Every other module is a group of its own.
"""

import re
from functools import cache
from pathlib import Path

TESTS = Path(__file__).parents[2]
STACKS = {
    "isolated_stack": re.compile(r"\b(isolated|restorable)_stack\b"),
    "training_stack": re.compile(r"\btraining_stack\b"),
    "stack": re.compile(r"\bstack: Stack\b|\bclient: Client\b|\bhttp: httpx.Client\b"),
}
"""Fixtures that start services, and the words that the modules of their tests contain."""
OTHER_STACKS = ("unit/", "integration/", "upgrade/")
"""Folders whose modules have fixtures of their own with these names."""
TRAINER = "unit/services/trainer"
"""The folder whose modules share a data set, a run and a checkpoint."""
LONGEST = ("isolated_stack", "browser/test_studio", "training_stack", "stack", TRAINER)
"""The longest groups: they start first, and the processes end at about the same time."""


@cache
def group_of(module: Path) -> str:
    """The name of the group of a test module."""
    name = module.relative_to(TESTS).with_suffix("").as_posix()
    if name.startswith(TRAINER):
        return TRAINER
    if name.startswith(OTHER_STACKS):
        return name
    text = module.read_text()
    return next((stack for stack, words in STACKS.items() if words.search(text)), name)


def rank_of(module: Path) -> int:
    """The position of the group of a module in the order of the groups."""
    group = group_of(module)
    return LONGEST.index(group) if group in LONGEST else len(LONGEST)
