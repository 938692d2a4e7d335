"""The test suite opens no data outside the checkout; a test that does fails."""

import subprocess
import sys
from pathlib import Path

from tests.architecture.source import ROOT

TEST_SOURCE = """
from contextlib import suppress

def test_that_opens_a_file() -> None:
    with suppress(FileNotFoundError):
        open({path!r}, "rb")
"""


def run_test_that_opens(path: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    test_file = folder / "test_generated.py"
    test_file.write_text(TEST_SOURCE.format(path=str(path)))
    plugins = ["-p", "tests.support.plugins.file_access_guard", "-p", "no:cacheprovider"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *plugins, "--rootdir", str(ROOT), str(test_file)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_test_that_opens_external_data_fails(tmp_path: Path) -> None:
    completed = run_test_that_opens(Path("/nowhere/music/score.mid"), tmp_path)
    assert completed.returncode == 1, completed.stdout
    assert "/nowhere/music/score.mid" in completed.stdout


def test_a_test_may_open_data_of_the_checkout(tmp_path: Path) -> None:
    completed = run_test_that_opens(ROOT / "tests" / "score.mid", tmp_path)
    assert completed.returncode == 0, completed.stdout


def test_the_plug_in_is_active_in_this_run(pytestconfig: object) -> None:
    """Without it the two tests above would prove nothing about the suite."""
    assert pytestconfig.pluginmanager.hasplugin("tests.support.plugins.file_access_guard")  # type: ignore[attr-defined]
