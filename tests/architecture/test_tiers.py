"""Every test belongs to a tier, and tests do not change the system that they run on."""

import re

import pytest

from tests.architecture.source import ROOT, files
from tests.support.plugins.groups import TESTS, group_of
from tests.support.plugins.tiers import TIERS

INSTALLATION = re.compile(r"\"apt-get\"|\"playwright\", \"install\"|\"npm\", \"ci\"")
"""Commands that install packages: `make` and `.ci/run` run them, and no test."""


def test_every_test_module_is_in_the_folder_of_a_tier() -> None:
    modules = [path for path in files() if path.match("tests/**/test_*.py")]
    assert {path.parts[1] for path in modules} == set(TIERS)


def test_every_test_has_the_mark_of_its_folder(request: pytest.FixtureRequest) -> None:
    for item in request.session.items:
        tier = item.path.relative_to(TESTS).parts[0]
        assert item.get_closest_marker(tier), item.nodeid


@pytest.mark.parametrize(
    ("module", "group"),
    [
        ("chaos/test_faults.py", "isolated_stack"),
        ("e2e/test_trainings.py", "training_stack"),
        ("e2e/test_generation.py", "stack"),
        ("integration/worker/test_worker.py", "integration/worker/test_worker"),
        ("unit/services/trainer/data/test_split.py", "unit/services/trainer"),
        ("unit/shared/test_ids.py", "unit/shared/test_ids"),
    ],
)
def test_modules_with_the_same_stack_or_fixtures_are_one_group(module: str, group: str) -> None:
    assert group_of(TESTS / module) == group


def installs(text: str) -> bool:
    return INSTALLATION.search(text) is not None


def test_no_test_installs_packages() -> None:
    sources = [path for path in files() if path.match("tests/**/*.py")]
    assert [path for path in sources if installs((ROOT / path).read_text())] == []


def test_a_planted_installation_is_found() -> None:
    planted = "subprocess.run(['apt-get', 'install', 'chromium'])"
    assert installs(planted.replace("'", '"'))
