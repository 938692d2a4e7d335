"""The child process itself: its limits hold, and its exit status says what happened."""

import json
import resource
import subprocess
import sys

import pytest

from shared.errors import InvalidMidi
from shared.midi import inspect, judge
from tests.unit.shared.midi.files import DRUM, LATE, NOTE, header, midi, track

GREEDY = """
import sys, resource
from shared.midi import inspect
inspect._inspect = lambda data: {greed}
sys.exit(inspect.main())
"""


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (midi()[:-3], "cut short"),
        (midi(division=0), "does not parse"),
        (midi(division=0xE728), "ticks per quarter"),
        (midi(DRUM), "no pitched notes"),
        (header(), "no pitched notes"),
        (midi(LATE), "17477 bars"),
        (midi(LATE[:4] + NOTE[1:], division=1), "does not parse"),
        (header(tracks=300) + track(NOTE) * 300, "300 tracks; at most 256"),
        (midi(NOTE * 100_001), "100001 notes; at most 100000"),
        (bytes(17 << 20), "more than 16777216 bytes"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_broken_is_said(data: bytes, message: str) -> None:
    with pytest.raises(InvalidMidi, match=message):
        inspect._inspect(data)


def test_drums_are_left_out_and_times_brought_to_our_ticks() -> None:
    assert inspect._inspect(midi(NOTE + DRUM + NOTE, division=96)) == {
        "notes": [[0, 480, 60, 80], [960, 480, 60, 80]],
        "bars": 1,
        "tracks": 2,
    }


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
        ("os.kill(os.getpid(), signal.SIGXCPU)", "takes too much time"),
        ("os.kill(os.getpid(), signal.SIGSEGV)", "breaks the parser: Segmentation fault"),
        ("raise SystemError", "breaks the parser: status 1"),
    ],
)
async def test_a_parser_that_dies_breaks_nothing_else(
    death: str,
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("dying")
    (folder / "dying.py").write_text(f"import os, signal; {death}")
    monkeypatch.setattr(judge, "INSPECTOR", "dying")
    monkeypatch.setattr(judge, "ENVIRONMENT", {"PYTHONPATH": str(folder)})
    with pytest.raises(InvalidMidi, match=message):
        await judge.inspect(midi())
