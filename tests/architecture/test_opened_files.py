"""The suite opens no data outside the checkout, and would fail if it did."""

import subprocess
import sys
from pathlib import Path

from tests.architecture.source import ROOT

OPENS = """
from contextlib import suppress

def test_that_opens_a_file() -> None:
    with suppress(FileNotFoundError):
        open({path!r}, "rb")
"""


def run(folder: Path, opened: Path) -> subprocess.CompletedProcess[str]:
    planted = folder / "test_planted.py"
    planted.write_text(OPENS.format(path=str(opened)))
    command = [sys.executable, "-m", "pytest", "-p", "tests.opened_files", "--rootdir", str(ROOT)]
    return subprocess.run(
        [*command, "-p", "no:cacheprovider", str(planted)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_planted_open_of_foreign_music_fails_the_test_that_does_it(tmp_path: Path) -> None:
    ran = run(tmp_path, Path("/nowhere/music/score.mid"))
    assert ran.returncode == 1, ran.stdout
    assert "/nowhere/music/score.mid" in ran.stdout


def test_music_of_the_checkout_may_be_opened(tmp_path: Path) -> None:
    ran = run(tmp_path, ROOT / "tests" / "score.mid")
    assert ran.returncode == 0, ran.stdout


def test_this_run_is_listened_to(pytestconfig: object) -> None:
    """Without the plug-in the two tests above would prove nothing about the suite."""
    assert pytestconfig.pluginmanager.hasplugin("tests.opened_files")  # type: ignore[attr-defined]
