"""MIDI files are parsed, or skipped with a reason; no file makes the import fail."""

import os
import struct
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from rich.progress import track as show_bar
from symusic.core import NoteTick, ScoreTick, TempoTick, TrackTick

from services.trainer.data import midi_files as module
from services.trainer.data.midi_files import find_midi_files, parse_all, parse_file
from services.trainer.data.parsed_file import ParsedFile, SkipReason
from services.trainer.data.process_pool import child_pool
from shared.midi.faults import MAX_NOTES
from shared.tokenizers.remi import RemiTokenizer
from tests.unit.services.trainer.conftest import random_piece, reason_of, write_piece
from tests.unit.services.trainer.data.midi_children import (
    limits_for_the_next_file,
    parse_batch_or_die,
)


def score(*tracks: TrackTick, tpq: int = 96) -> ScoreTick:
    result = ScoreTick(tpq)
    for part in tracks:
        result.tracks.append(part)
    return result


def track(notes: list[tuple[int, int, int, int]], *, drums: bool = False) -> TrackTick:
    result = TrackTick("", 0, drums)
    for note in notes:
        result.notes.append(NoteTick(*note))
    return result


def scale(first: int = 0, count: int = 40, tpq: int = 96) -> list[tuple[int, int, int, int]]:
    return [(first + i * tpq, tpq, 50 + i % 30, 90) for i in range(count)]


def parse(path: Path, midi: ScoreTick) -> ParsedFile:
    path.write_bytes(midi.dumps_midi())
    return parse_file(path.name, path)


def test_pitched_tracks_are_merged_and_drums_dropped(tmp_path: Path) -> None:
    bass = [(i * 192, 96, 36, 70) for i in range(20)]
    drums = [(i * 48, 24, 38, 100) for i in range(80)]
    midi = score(track(scale()), track(drums, drums=True), track(bass))
    parsed = parse(tmp_path / "a.mid", midi)
    assert parsed.notes is not None
    assert len(parsed.notes) == 60
    assert (np.diff(parsed.notes[:, 0]) >= 0).all()
    assert parsed.notes[:2].tolist() == [[0, 480, 36, 70], [0, 480, 50, 90]]


def test_the_longest_of_equal_notes_in_two_tracks_is_kept(tmp_path: Path) -> None:
    doubled = [(start + 2, 4 * length, pitch, 20) for start, length, pitch, _ in scale()]
    parsed = parse(tmp_path / "a.mid", score(track(scale()), track(doubled)))
    assert parsed.notes is not None
    assert len(parsed.notes) == 40
    assert (parsed.notes[:, 1] == 4 * 480).all()


def test_a_repeated_pitch_ends_the_previous_note(tmp_path: Path) -> None:
    """This is as on a piano, and also holds after quantization."""
    long = [(i * 50 + 7, 96 * 6, 60, 90) for i in range(40)]
    sparse = [(i * 96 * 9, 96 * 20, 64, 90) for i in range(4)]
    parsed = parse(tmp_path / "a.mid", score(track(long), track(sparse)))
    assert parsed.notes is not None
    for pitch in (60, 64):
        tokenizer = RemiTokenizer.without_bpe()
        decoded = tokenizer.decode(tokenizer.encode(parsed.notes))
        notes = [note for note in decoded if note.pitch == pitch]
        assert all(note.start + note.duration <= after.start for note, after in pairwise(notes))
    assert len(parsed.notes) == 44


def test_a_piece_starts_in_the_bar_of_its_first_note(tmp_path: Path) -> None:
    parsed = parse(tmp_path / "a.mid", score(track(scale(first=96 * 4 * 7 + 96))))
    assert parsed.notes is not None
    assert parsed.notes[0, 0] == 480


def test_the_duration_is_measured_from_the_first_onset_to_the_end_of_the_last_note(
    tmp_path: Path,
) -> None:
    """Surrounding silence, drums and later tempo events do not count."""
    drums = track([(i * 96, 96, 38, 100) for i in range(400)], drums=True)
    midi = score(drums, track(scale(first=96 * 30)))
    midi.tempos.append(TempoTick(0, qpm=60))
    midi.tempos.append(TempoTick(96 * 40, qpm=240))
    midi.tempos.append(TempoTick(96 * 300, qpm=30))
    assert parse(tmp_path / "a.mid", midi).seconds == pytest.approx(10 + 30 / 4)


def test_notes_outside_the_piano_range_are_dropped(tmp_path: Path) -> None:
    extreme = [(i * 96, 96, 5 if i % 2 else 120, 90) for i in range(40)]
    parsed = parse(tmp_path / "a.mid", score(track(scale() + extreme)))
    assert parsed.notes is not None
    assert len(parsed.notes) == 40
    assert reason_of(parse(tmp_path / "b.mid", score(track(extreme)))) is SkipReason.TOO_SHORT


def bomb(count: int) -> bytes:
    """A track of `count` notes, all at tick 0."""
    body = b""
    for event in (b"\x00\x90", b"\x00\x80"):
        hundred = b"".join(event + bytes([pitch, 64]) for pitch in range(100))
        body += (hundred * (count // 100 + 1))[: 4 * count]
    body += b"\x00\xff\x2f\x00"
    head = b"MThd" + struct.pack(">IHHH", 6, 0, 1, 96)
    return head + b"MTrk" + struct.pack(">I", len(body)) + body


LONGEST_DELTA = b"\xff\xff\xff\x7f"
"""The longest delta time: nearly 2^28 ticks."""


def one_track(*events: bytes, tpq: int = 480) -> bytes:
    """A file of one track; each event begins with its delta time."""
    body = b"".join(events) + b"\x00\xff\x2f\x00"
    head = b"MThd" + struct.pack(">IHHH", 6, 0, 1, tpq)
    return head + b"MTrk" + struct.pack(">I", len(body)) + body


def quarters(count: int = 40) -> list[bytes]:
    """A scale in quarters of 480 ticks."""
    return [
        event
        for i in range(count)
        for event in (
            bytes([0, 0x90, 50 + i % 30, 80]),
            bytes([0x83, 0x60, 0x80, 50 + i % 30, 0]),
        )
    ]


def parse_bytes(path: Path, content: bytes) -> ParsedFile:
    path.write_bytes(content)
    return parse_file(path.name, path)


@pytest.mark.parametrize("tpq", [1, 480, 32767])
def test_a_file_of_more_than_2_to_the_31_ticks_is_too_long(tmp_path: Path, tpq: int) -> None:
    """The parser's clock overflows, so late events would come first."""
    wait = [LONGEST_DELTA + b"\xff\x01\x00"] * 8
    for events in ([*wait, *quarters()], [*quarters(), *wait, *quarters()]):
        parsed = parse_bytes(tmp_path / "a.mid", one_track(*events, tpq=tpq))
        assert reason_of(parsed) is SkipReason.TOO_LONG


def test_a_file_of_too_many_ticks_after_resampling_is_too_long(tmp_path: Path) -> None:
    wait = LONGEST_DELTA + b"\xff\x01\x00"
    parsed = parse_bytes(tmp_path / "a.mid", one_track(*quarters(), wait, *quarters(), tpq=1))
    assert reason_of(parsed) is SkipReason.TOO_LONG


def test_a_file_with_0_ticks_per_quarter_is_malformed(tmp_path: Path) -> None:
    parsed = parse_bytes(tmp_path / "a.mid", one_track(*quarters(), tpq=0))
    assert reason_of(parsed) is SkipReason.MALFORMED


def test_an_impossible_tempo_is_ignored(tmp_path: Path) -> None:
    """An event with 0 microseconds per quarter keeps the previous tempo, which is 120 at first."""
    slow, zero = b"\x00\xff\x51\x03\x0f\x42\x40", b"\x00\xff\x51\x03\x00\x00\x00"
    first = parse_bytes(tmp_path / "a.mid", one_track(zero, *quarters()))
    assert first.seconds == pytest.approx(20)
    later = parse_bytes(tmp_path / "b.mid", one_track(slow, *quarters(), zero, *quarters()))
    assert later.seconds == pytest.approx(80)


def test_a_file_whose_notes_all_start_at_once_is_skipped(tmp_path: Path) -> None:
    assert reason_of(parse_bytes(tmp_path / "a.mid", bomb(80))) is SkipReason.NO_DURATION


def test_malicious_files_are_skipped_with_the_reason(tmp_path: Path) -> None:
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
    paths = find_midi_files(tmp_path)
    assert {file.name: reason_of(file) for file in parse_all(tmp_path, paths, show_bar)} == {
        "bomb.mid": SkipReason.TOO_MANY_NOTES,
        "crowd.mid": SkipReason.TOO_MANY_NOTES,
        "cut.mid": SkipReason.MALFORMED,
        "folder.mid": SkipReason.UNREADABLE,
        "large.mid": SkipReason.TOO_LARGE,
        "long.mid": SkipReason.TOO_LONG,
        "pipe.mid": SkipReason.UNREADABLE,
    }


def test_a_file_that_kills_its_child_is_identified_and_the_others_are_parsed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of the two batches has a file that ends its child and another one."""
    others = ("a.mid", "z.mid")
    for seed, name in enumerate(others):
        write_piece(tmp_path / name, random_piece(seed).notes)
    for name in ("hangs.mid", "kills.mid"):
        (tmp_path / name).write_bytes(b"")
    monkeypatch.setattr(module, "FILES_PER_TASK", 2)
    monkeypatch.setattr(module, "_parse_batch", parse_batch_or_die)
    parsed = {file.name: file for file in parse_all(tmp_path, find_midi_files(tmp_path), show_bar)}
    assert len(parsed) == 4
    assert {reason_of(parsed[name]) for name in ("kills.mid", "hangs.mid")} == {SkipReason.CRASHED}
    assert all(parsed[name].notes is not None for name in others)


def test_a_child_has_limits_on_cpu_time_and_wall_time(tmp_path: Path) -> None:
    """The kernel kills a child that exceeds a limit."""
    with child_pool(module._limit_memory, processes=1) as pool:
        cpu_seconds, wall_seconds = pool.submit(limits_for_the_next_file).result()
    assert cpu_seconds <= module.MAX_SECONDS + 5
    assert 0 < wall_seconds <= module.MAX_SECONDS
