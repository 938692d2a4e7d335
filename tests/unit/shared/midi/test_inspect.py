"""The child process itself: its limits hold, and its exit status says what happened."""

import json
import resource
import subprocess
import sys

import pytest

from shared.errors import InvalidMidi
from shared.midi import judge
from tests.unit.shared.midi.files import midi

GREEDY = """
import sys, resource
from shared.midi import inspect
inspect._inspect = lambda data: {greed}
sys.exit(inspect.main())
"""


def run(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, *arguments], input=midi(), capture_output=True, check=False, timeout=60
    )


def test_it_answers_in_one_line_of_json() -> None:
    done = run("-m", "shared.midi.inspect")
    assert done.returncode == 0
    assert json.loads(done.stdout) == {"notes": [[0, 96, 60, 80]], "bars": 1, "tracks": 1}


def test_a_file_that_takes_too_much_memory_is_refused() -> None:
    done = run("-c", GREEDY.format(greed="bytearray(2 << 30)"))
    assert done.returncode == 2
    assert "memory" in json.loads(done.stdout)["error"]


def test_the_limits_are_set_before_the_file_is_read() -> None:
    limits = "{'limits': [*map(resource.getrlimit, (resource.RLIMIT_AS, resource.RLIMIT_CPU))]}"
    done = run("-c", GREEDY.format(greed=limits))
    assert json.loads(done.stdout)["limits"] == [[1 << 30, 1 << 30], [10, 10]]
    assert resource.getrlimit(resource.RLIMIT_CPU)[0] != 10, "and are the child's alone"


@pytest.mark.parametrize(
    ("death", "message"),
    [
        ("signal.SIGXCPU", "takes too much time"),
        ("signal.SIGSEGV", "breaks the parser: Segmentation fault"),
    ],
)
async def test_a_parser_that_dies_breaks_nothing_else(
    death: str,
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("dying")
    (folder / "dying.py").write_text(f"import os, signal; os.kill(os.getpid(), {death})")
    monkeypatch.setattr(judge, "INSPECTOR", "dying")
    monkeypatch.setattr(judge, "ENVIRONMENT", {"PYTHONPATH": str(folder)})
    with pytest.raises(InvalidMidi, match=message):
        await judge.inspect(midi())
