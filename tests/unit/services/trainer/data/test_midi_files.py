"""Anybody's MIDI files become readings; none of them brings the reader down."""

import os
import resource
import signal
import struct
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from symusic.core import NoteTick, ScoreTick, TempoTick, TrackTick

from services.trainer.data import midi_files as module
from services.trainer.data.midi_files import midi_files, read_all, read_file
from services.trainer.data.parsed_file import MAX_NOTES, Reading, Reason
from services.trainer.data.process_pool import children
from shared.tokenizers.remi import Remi
from tests.unit.services.trainer.conftest import random_piece, write_piece


def score(*tracks: TrackTick, tpq: int = 96) -> ScoreTick:
    made = ScoreTick(tpq)
    for each in tracks:
        made.tracks.append(each)
    return made


def track(notes: list[tuple[int, int, int, int]], *, drums: bool = False) -> TrackTick:
    made = TrackTick("", 0, drums)
    for each in notes:
        made.notes.append(NoteTick(*each))
    return made


def scale(first: int = 0, count: int = 40, tpq: int = 96) -> list[tuple[int, int, int, int]]:
    return [(first + at * tpq, tpq, 50 + at % 30, 90) for at in range(count)]


def read(path: Path, made: ScoreTick) -> Reading:
    path.write_bytes(made.dumps_midi())
    return read_file(path.name, path)


def test_pitched_tracks_become_one_stream_and_drums_are_left_out(tmp_path: Path) -> None:
    bass = [(at * 192, 96, 36, 70) for at in range(20)]
    drums = [(at * 48, 24, 38, 100) for at in range(80)]
    made = score(track(scale()), track(drums, drums=True), track(bass))
    reading = read(tmp_path / "a.mid", made)
    assert reading.notes is not None
    assert len(reading.notes) == 60
    assert (np.diff(reading.notes[:, 0]) >= 0).all()
    assert reading.notes[:2].tolist() == [[0, 480, 36, 70], [0, 480, 50, 90]]


def test_one_key_struck_by_two_tracks_at_once_is_one_note_the_longest(tmp_path: Path) -> None:
    twin = [(start + 2, 4 * length, pitch, 20) for start, length, pitch, _ in scale()]
    reading = read(tmp_path / "a.mid", score(track(scale()), track(twin)))
    assert reading.notes is not None
    assert len(reading.notes) == 40
    assert (reading.notes[:, 1] == 4 * 480).all()


def test_a_key_that_is_struck_again_ends_the_note_before(tmp_path: Path) -> None:
    """As on a piano: no file could say it otherwise, and no grid rounds it into the next."""
    long = [(at * 50 + 7, 96 * 6, 60, 90) for at in range(40)]
    far = [(at * 96 * 9, 96 * 20, 64, 90) for at in range(4)]
    reading = read(tmp_path / "a.mid", score(track(long), track(far)))
    assert reading.notes is not None
    for pitch in (60, 64):
        struck = Remi.without_pairs()
        notes = [n for n in struck.decode(struck.encode(reading.notes)) if n.pitch == pitch]
        assert all(one.start + one.duration <= other.start for one, other in pairwise(notes))
    assert len(reading.notes) == 44


def test_a_piece_begins_in_the_bar_of_its_first_note(tmp_path: Path) -> None:
    reading = read(tmp_path / "a.mid", score(track(scale(first=96 * 4 * 7 + 96))))
    assert reading.notes is not None
    assert reading.notes[0, 0] == 480


def test_a_piece_lasts_from_its_first_note_to_the_end_of_its_last(tmp_path: Path) -> None:
    """Neither silence nor drums around it, nor what a file says later, make it longer."""
    drums = track([(at * 96, 96, 38, 100) for at in range(400)], drums=True)
    made = score(drums, track(scale(first=96 * 30)))
    made.tempos.append(TempoTick(0, qpm=60))
    made.tempos.append(TempoTick(96 * 40, qpm=240))
    made.tempos.append(TempoTick(96 * 300, qpm=30))
    assert read(tmp_path / "a.mid", made).seconds == pytest.approx(10 + 30 / 4)


def test_what_no_piano_has_is_left_out(tmp_path: Path) -> None:
    extreme = [(at * 96, 96, 5 if at % 2 else 120, 90) for at in range(40)]
    reading = read(tmp_path / "a.mid", score(track(scale() + extreme)))
    assert reading.notes is not None
    assert len(reading.notes) == 40
    assert read(tmp_path / "b.mid", score(track(extreme))).reason is Reason.SHORT


def bomb(count: int) -> bytes:
    """A track of `count` notes, all at tick 0."""
    body = b"".join(b"\x00\x90" + bytes([at % 100, 64]) for at in range(count))
    body += b"".join(b"\x00\x80" + bytes([at % 100, 64]) for at in range(count))
    body += b"\x00\xff\x2f\x00"
    head = b"MThd" + struct.pack(">IHHH", 6, 0, 1, 96)
    return head + b"MTrk" + struct.pack(">I", len(body)) + body


FAR = b"\xff\xff\xff\x7f"
"""The longest wait between two events: nearly 2^28 ticks."""


def one_track(*events: bytes, tpq: int = 480) -> bytes:
    """A file of one track; each event begins with its wait."""
    body = b"".join(events) + b"\x00\xff\x2f\x00"
    head = b"MThd" + struct.pack(">IHHH", 6, 0, 1, tpq)
    return head + b"MTrk" + struct.pack(">I", len(body)) + body


def quarters(count: int = 40) -> list[bytes]:
    """A scale in quarters of 480 ticks."""
    return [
        event
        for at in range(count)
        for event in (
            bytes([0, 0x90, 50 + at % 30, 80]),
            bytes([0x83, 0x60, 0x80, 50 + at % 30, 0]),
        )
    ]


def read_bytes(path: Path, content: bytes) -> Reading:
    path.write_bytes(content)
    return read_file(path.name, path)


@pytest.mark.parametrize("tpq", [1, 480, 32767])
def test_what_lasts_longer_than_32_bits_count_is_too_long(tmp_path: Path, tpq: int) -> None:
    """The parser's clock wraps: what comes late would be before the beginning."""
    wait = [FAR + b"\xff\x01\x00"] * 8
    for events in ([*wait, *quarters()], [*quarters(), *wait, *quarters()]):
        reading = read_bytes(tmp_path / "a.mid", one_track(*events, tpq=tpq))
        assert reading.reason is Reason.LONG


def test_what_is_too_long_only_on_our_own_grid_is_too_long(tmp_path: Path) -> None:
    wait = FAR + b"\xff\x01\x00"
    reading = read_bytes(tmp_path / "a.mid", one_track(*quarters(), wait, *quarters(), tpq=1))
    assert reading.reason is Reason.LONG


def test_a_clock_without_ticks_is_broken_and_not_slow(tmp_path: Path) -> None:
    assert read_bytes(tmp_path / "a.mid", one_track(*quarters(), tpq=0)).reason is Reason.BROKEN


def test_a_tempo_that_nobody_can_play_does_not_count(tmp_path: Path) -> None:
    """A quarter of no time at all: the tempo before goes on, which is 120 at the beginning."""
    slow, none = b"\x00\xff\x51\x03\x0f\x42\x40", b"\x00\xff\x51\x03\x00\x00\x00"
    first = read_bytes(tmp_path / "a.mid", one_track(none, *quarters()))
    assert first.seconds == pytest.approx(20)
    later = read_bytes(tmp_path / "b.mid", one_track(slow, *quarters(), none, *quarters()))
    assert later.seconds == pytest.approx(80)


def test_notes_that_all_begin_at_once_are_no_piece(tmp_path: Path) -> None:
    assert read_bytes(tmp_path / "a.mid", bomb(80)).reason is Reason.TIMELESS


def test_files_made_to_do_harm_are_left_out_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "bomb.mid").write_bytes(bomb(1_000_000))
    (tmp_path / "crowd.mid").write_bytes(bomb(MAX_NOTES + 1))
    (tmp_path / "long.mid").write_bytes(
        score(track(scale()), track([(96 * 4 * 5000, 96, 60, 90)])).dumps_midi()
    )
    with (tmp_path / "large.mid").open("wb") as file:
        file.truncate(200 << 20)
    (tmp_path / "cut.mid").write_bytes(bomb(100)[:-50])
    (tmp_path / "folder.mid").mkdir()
    os.mkfifo(tmp_path / "pipe.mid")
    paths = midi_files(tmp_path)
    assert {one.name: one.reason for one in read_all(tmp_path, paths)} == {
        "bomb.mid": Reason.CROWDED,
        "crowd.mid": Reason.CROWDED,
        "cut.mid": Reason.BROKEN,
        "folder.mid": Reason.UNREADABLE,
        "large.mid": Reason.LARGE,
        "long.mid": Reason.LONG,
        "pipe.mid": Reason.UNREADABLE,
    }


def deadly(name: str, path: Path) -> Reading:
    """Reads as the real one does, but for two files that break it, each in its way."""
    if path.name == "kills.mid":
        os.kill(os.getpid(), signal.SIGSEGV)
    if path.name == "hangs.mid":
        signal.setitimer(signal.ITIMER_REAL, 0.5)
        time.sleep(60)
    return read_file(name, path)


def test_a_file_that_kills_its_reader_is_named_and_the_others_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for seed in range(6):
        write_piece(tmp_path / f"{seed}.mid", random_piece(seed).notes)
    for name in ("kills.mid", "hangs.mid"):
        (tmp_path / name).write_bytes(b"")
    monkeypatch.setattr(module, "BATCH", 3)
    monkeypatch.setattr(module, "_read_batch", read_batch_that_may_die)
    readings = {one.name: one for one in read_all(tmp_path, midi_files(tmp_path))}
    assert len(readings) == 8
    assert readings["kills.mid"].reason is readings["hangs.mid"].reason is Reason.DEADLY
    assert all(readings[f"{seed}.mid"].notes is not None for seed in range(6))


def read_batch_that_may_die(files: list[tuple[str, Path]]) -> list[Reading]:
    return [deadly(name, path) for name, path in files]


def test_a_file_that_takes_too_long_ends_its_reader(tmp_path: Path) -> None:
    """By the wall's clock as well as by the processor's."""
    with children(module._limit_memory, processes=1) as pool:
        before = pool.submit(limits_of_the_next_file).result()
    assert before[0] <= module.MAX_SECONDS + 5
    assert 0 < before[1] <= module.MAX_SECONDS


def limits_of_the_next_file() -> tuple[float, float]:
    module._limit_time()
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft, _ = resource.getrlimit(resource.RLIMIT_CPU)
    wall, _ = signal.setitimer(signal.ITIMER_REAL, 0)
    return soft - used.ru_utime, wall
