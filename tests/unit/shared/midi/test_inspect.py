"""Tests of the inspector: limits, exit status, error messages."""

import base64
import json
import resource
import subprocess
import sys

import pytest

from ostinato.schemas.melodies import MelodyTrack, PrimerScore
from ostinato.schemas.notes import Bar, Note, TempoMark
from shared.errors import InvalidMidi
from shared.midi import inspect, sandbox
from shared.midi.container import read_container
from tests.unit.shared.midi.raw_midi import DRUM, LATE, NOTE, header, midi, track

SCRIPT = """
import sys, resource
from shared.midi import inspect
inspect._inspect = lambda data: {expression}
sys.exit(inspect.main())
"""


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (midi(DRUM), "drums only"),
        (midi(LATE), "more than 4,096 bars"),
        (header(tracks=300) + track(NOTE) * 300, "300 tracks; at most 256"),
        (midi(NOTE * 100_001), "more than 100,000 notes"),
        (bytes(17 << 20), "more than 16777216 bytes"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_error_says_what_is_invalid(data: bytes, message: str) -> None:
    with pytest.raises(InvalidMidi, match=message):
        inspect._inspect(data)


def test_drums_are_dropped_and_times_are_resampled() -> None:
    data = midi(NOTE + DRUM + NOTE, division=96)
    facts, score = inspect._inspect(data)
    assert facts == {
        "midi": base64.b64encode(read_container(data).to_bytes()).decode(),
        "notes": [[0, 480, 60, 80], [960, 480, 60, 80]],
        "num_bars": 1,
        "time_signatures": ["4/4"],
        "track": 0,
        "tracks": [
            {"name": "", "program": 0, "is_drum": False, "num_notes": 2},
            {"name": "", "program": 0, "is_drum": True, "num_notes": 1},
        ],
    }
    assert PrimerScore.model_validate(score) == PrimerScore(
        tempos=[TempoMark(0, 120)],
        bar_positions=[Bar(0, 1920, 4, 4)],
        track=0,
        tracks=[
            MelodyTrack(
                name="",
                program=0,
                is_drum=False,
                notes=[Note(0, 480, 60, 80), Note(960, 480, 60, 80)],
            ),
            MelodyTrack(name="", program=0, is_drum=True, notes=[Note(480, 480, 38, 80)]),
        ],
    )


def run(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, *arguments], input=midi(), capture_output=True, check=False, timeout=60
    )


def test_the_output_is_two_lines_of_json() -> None:
    done = run("-m", "shared.midi.inspect")
    assert done.returncode == 0
    facts, score = done.stdout.splitlines()
    assert PrimerScore.model_validate_json(score).tracks[0].notes == [Note(0, 96, 60, 80)]
    assert json.loads(facts) == {
        "midi": base64.b64encode(read_container(midi()).to_bytes()).decode(),
        "notes": [[0, 96, 60, 80]],
        "num_bars": 1,
        "time_signatures": ["4/4"],
        "track": 0,
        "tracks": [{"name": "", "program": 0, "is_drum": False, "num_notes": 1}],
    }


def test_a_file_that_needs_too_much_memory_is_rejected() -> None:
    done = run("-c", SCRIPT.format(expression="bytearray(2 << 30)"))
    assert done.returncode == 2
    assert "memory" in json.loads(done.stdout)["error"]


def test_the_limits_are_set_before_the_file_is_read() -> None:
    limits = "[{'limits': [*map(resource.getrlimit, (resource.RLIMIT_AS, resource.RLIMIT_CPU))]}]"
    done = run("-c", SCRIPT.format(expression=limits))
    assert json.loads(done.stdout)["limits"] == [[1 << 30, 1 << 30], [10, 11]]
    assert resource.getrlimit(resource.RLIMIT_CPU)[0] != 10, "limits apply to the child only"


@pytest.mark.parametrize(
    ("crash", "message"),
    [
        ("os.kill(os.getpid(), signal.SIGXCPU)", "takes too much time"),
        ("os.kill(os.getpid(), signal.SIGSEGV)", "crashes the parser: Segmentation fault"),
        ("raise SystemError", "crashes the parser: status 1"),
    ],
)
async def test_a_crash_of_the_parser_is_an_error(
    crash: str,
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("crashing")
    (folder / "crashing.py").write_text(f"import os, signal; {crash}")
    monkeypatch.setattr(sandbox, "INSPECTOR", "crashing")
    monkeypatch.setattr(sandbox, "ENVIRONMENT", {"PYTHONPATH": str(folder)})
    with pytest.raises(InvalidMidi, match=message):
        await sandbox.inspect_in_sandbox(midi())
