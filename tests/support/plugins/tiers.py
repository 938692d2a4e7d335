"""A pytest plug-in: the tiers of the tests as marks, and their distribution to processes."""

import pytest
from xdist.remote import Producer  # type: ignore[import-untyped]  # it ships no types
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

from tests.support.plugins.groups import TESTS, group_of, rank_of

TIERS = (
    *("unit", "integration", "contracts", "architecture", "e2e", "upgrade", "chaos", "browser"),
)
"""Folders of `tests/`, each of which is a mark."""


class GroupScheduling(LoadScopeScheduling):  # type: ignore[misc]  # its base has no types
    """Gives each process one group of modules after the other, in the order of the collection."""

    def _split_scope(self, nodeid: str) -> str:
        """The group of a test."""
        return group_of(TESTS.parent / nodeid.partition("::")[0])


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marks."""
    for tier in TIERS:
        config.addinivalue_line("markers", f"{tier}: the tests in tests/{tier}/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests, and sort them by their groups."""
    for item in items:
        tier = item.path.relative_to(TESTS).parts[0]
        if tier in TIERS:
            item.add_marker(tier)
    items.sort(key=lambda item: rank_of(item.path))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> GroupScheduling:
    """Distribute groups, and not in the order of their numbers of tests."""
    config.option.loadscopereorder = False
    return GroupScheduling(config, log)
