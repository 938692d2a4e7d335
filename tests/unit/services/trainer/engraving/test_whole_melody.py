"""Whole melodies on paper: parts, measures, metres, pickups, tempos, and all their notes."""

import random
from fractions import Fraction
from pathlib import Path

import pytest
from music21 import converter, stream

from ostinato.schemas.engravings import EngravingRequest
from ostinato.schemas.melodies import MelodyTrack
from ostinato.schemas.notes import TICKS_PER_QUARTER, Bar, Note, TempoMark
from services.trainer.engraving.musicxml import to_musicxml
from services.trainer.engraving.paper_time import THIRTY_SECOND
from shared.midi.reader import read_score
from tests.support.music.musicxml import SoundingNote, sounding_parts, written_measures

CASES = Path("tests/cases")
PIANO, BASS, ALTO_SAXOPHONE, CLARINET, FLUTE = 0, 33, 65, 71, 73
MICROSECONDS_PER_MINUTE = 60_000_000
PICKUP = [Bar(0, 480, 1, 4), Bar(480, 1440, 3, 4), Bar(1920, 1440, 3, 4)]


def whole_file(name: str) -> EngravingRequest:
    score = read_score((CASES / name).read_bytes())
    tracks = [
        MelodyTrack(
            name=track.name,
            program=track.program,
            is_drum=track.is_drum,
            notes=[Note(*note) for note in track.notes.tolist()],
        )
        for track in score.tracks
    ]
    tempos = [
        TempoMark(tick, MICROSECONDS_PER_MINUTE / microseconds)
        for tick, microseconds in score.tempos
    ]
    return EngravingRequest(tracks=tracks, bar_positions=list(score.bars), tempos=tempos)


def one_track(
    notes: list[Note], program: int = FLUTE, bars: list[Bar] | None = None
) -> EngravingRequest:
    track = MelodyTrack(name="", program=program, is_drum=False, notes=notes)
    return EngravingRequest(tracks=[track], bar_positions=bars)


def read(document: str) -> stream.Score:
    score = converter.parseData(document, format="musicxml")
    assert isinstance(score, stream.Score)
    return score


def quarters(ticks: int) -> Fraction:
    return Fraction(ticks, TICKS_PER_QUARTER)


def starts_and_pitches(notes: set[SoundingNote]) -> set[tuple[Fraction, int]]:
    return {(start, pitch) for start, _, pitch in notes}


def nearest(tick: int, step: int = THIRTY_SECOND) -> Fraction:
    return quarters((tick + step // 2) // step * step)


@pytest.mark.parametrize(
    "name",
    ["band8.mid", "waltz8.mid", "six-eight8.mid", "seven-eight8.mid", "change.mid", "rit72.mid"],
)
def test_all_notes_and_bars_of_a_file_are_in_the_document(name: str) -> None:
    request = whole_file(name)
    document = to_musicxml(request)
    assert request.tracks is not None
    assert request.bar_positions is not None
    for track, found in zip(request.tracks, sounding_parts(document), strict=True):
        expected = {(nearest(note.start), note.pitch) for note in track.notes}
        assert starts_and_pitches(found) == expected
        ends = {
            (nearest(note.start), note.pitch): quarters(note.start + note.duration)
            for note in track.notes
        }
        for start, length, pitch in found:
            assert track.is_drum or abs(start + length - ends[start, pitch]) <= Fraction(1, 8)
    for measures in written_measures(document):
        lengths = [measure.length for measure in measures]
        assert lengths == [quarters(bar.length) for bar in request.bar_positions]
        assert [measure.number for measure in measures] == [
            str(index + 1) for index in range(len(measures))
        ]


def test_music21_reads_the_parts_of_a_band() -> None:
    request = whole_file("band8.mid")
    score = read(to_musicxml(request))
    names = ["Piano", "Bass", "Strings", "Drums"]
    assert [part.partName for part in score.parts] == names
    sounds = [part.getInstrument(returnDefault=True) for part in score.parts[:3]]
    assert [sound.midiProgram for sound in sounds if sound] == [PIANO, BASS, 48]
    tracks = request.tracks or []
    for part, track in zip(score.parts[:3], tracks[:3], strict=True):
        found = {
            (Fraction(note.getOffsetInHierarchy(part)), pitch.midi)
            for note in part.toSoundingPitch().stripTies().recurse().notes
            for pitch in note.pitches
        }
        assert found == {(nearest(note.start), note.pitch) for note in track.notes}
        assert [measure.offset for measure in part[stream.Measure]] == [4 * i for i in range(8)]
    drums = score.parts[3]
    assert {clef.sign for clef in drums.recurse().getElementsByClass("Clef")} == {"percussion"}
    assert len(list(drums.recurse().getElementsByClass("Unpitched"))) + sum(
        len(chord.notes) for chord in drums.recurse().getElementsByClass("PercussionChord")
    ) == len(tracks[3].notes)


@pytest.mark.parametrize(
    ("name", "signatures"),
    [
        ("waltz8.mid", ["3/4"] + [""] * 7),
        ("six-eight8.mid", ["6/8"] + [""] * 7),
        ("change.mid", ["4/4", "", "7/8", "", "4/4", ""]),
    ],
)
def test_a_time_signature_is_written_where_it_changes(name: str, signatures: list[str]) -> None:
    for measures in written_measures(to_musicxml(whole_file(name))):
        assert [measure.time_signature for measure in measures] == signatures


@pytest.mark.parametrize("first", [Bar(0, 480, 1, 4), Bar(0, 480, 3, 4), Bar(0, 480, 4, 4)])
def test_a_short_first_bar_is_a_pickup(first: Bar) -> None:
    notes = [Note(0, 240, 67, 80), Note(240, 1200, 69, 80), Note(1920, 1440, 67, 80)]
    document = to_musicxml(one_track(notes, bars=[first, *PICKUP[1:]]))
    [measures] = written_measures(document)
    assert [(m.number, m.is_implicit, m.length, m.time_signature) for m in measures] == [
        ("0", True, Fraction(1), "3/4"),
        ("1", False, Fraction(3), ""),
        ("2", False, Fraction(3), ""),
    ]
    assert sounding_parts(document) == [
        {(quarters(note.start), quarters(note.duration), note.pitch) for note in notes}
    ]


def test_a_bar_that_is_cut_by_a_change_of_metre_stays_short() -> None:
    bars = [Bar(0, 1920, 4, 4), Bar(1920, 720, 4, 4), Bar(2640, 1440, 6, 8)]
    notes = [Note(480, 3000, 60, 80), Note(2640, 720, 62, 80)]
    document = to_musicxml(one_track(notes, bars=bars))
    [measures] = written_measures(document)
    assert [(m.number, m.length, m.time_signature) for m in measures] == [
        ("1", Fraction(4), "4/4"),
        ("2", Fraction(3, 2), ""),
        ("3", Fraction(3), "6/8"),
    ]
    assert (Fraction(1), Fraction(25, 4), 60) in sounding_parts(document)[0]


def test_bars_off_the_grid_keep_their_notes() -> None:
    bars = [Bar(0, 7, 4, 4), Bar(7, 1920, 4, 4)]
    notes = [Note(0, 5, 60, 80), Note(7, 480, 62, 80), Note(1447, 480, 64, 80)]
    document = to_musicxml(one_track(notes, bars=bars))
    eighth = Fraction(1, 8)
    assert sounding_parts(document) == [
        {(Fraction(0), eighth, 60), (eighth, Fraction(1), 62), (eighth + 3, Fraction(1), 64)}
    ]


def beams(document: str) -> list[list[str]]:
    score = read(document)
    return [
        ["/".join(note.beams.getTypes()) for note in measure.recurse().notes]
        for measure in score.parts[0][stream.Measure]
    ]


@pytest.mark.parametrize(
    ("bar", "groups"),
    [
        (Bar(0, 1440, 6, 8), ["start", "continue", "stop"] * 2),
        (Bar(0, 1440, 3, 4), ["start", "stop"] * 3),
        (Bar(0, 960, 2, 4), ["start", "stop"] * 2),
        (Bar(0, 1920, 4, 4), ["start", "stop"] * 4),
    ],
)
def test_eighths_are_beamed_by_the_metre(bar: Bar, groups: list[str]) -> None:
    notes = [Note(index * 240, 240, 72, 80) for index in range(bar.length // 240)]
    [found] = beams(to_musicxml(one_track(notes, bars=[bar])))
    assert found == groups


def test_metronome_marks_are_where_the_tempo_changes() -> None:
    [measures] = written_measures(to_musicxml(whole_file("rit72.mid")))
    marks = [(index, *mark) for index, measure in enumerate(measures) for mark in measure.tempos]
    score = read_score((CASES / "rit72.mid").read_bytes())
    assert marks == [
        (
            tick // 1920,
            quarters(tick % 1920),
            f"{round(MICROSECONDS_PER_MINUTE / microseconds, 2):g}",
        )
        for tick, microseconds in score.tempos
    ]


def test_of_very_many_tempos_each_measure_has_its_last() -> None:
    tempos = [TempoMark(tick, 60 + tick / 60) for tick in range(0, 8 * 1920, 60)]
    request = one_track([Note(0, 8 * 1920, 60, 80)]).model_copy(update={"tempos": tempos})
    [measures] = written_measures(to_musicxml(request))
    assert [measure.tempos for measure in measures] == [
        [(Fraction(31, 8), str(60 + 32 * index + 31))] for index in range(8)
    ]


@pytest.mark.parametrize("program", [ALTO_SAXOPHONE, CLARINET, BASS, 43])
def test_transposing_instruments_sound_as_they_were(program: int) -> None:
    scale = [0, 2, 4, 5, 7, 9, 11, 12]
    notes = [Note(i * 480, 480, 54 + step, 80) for i, step in enumerate(scale)]
    document = to_musicxml(one_track(notes, program))
    assert sounding_parts(document) == [
        {(quarters(note.start), Fraction(1), note.pitch) for note in notes}
    ]
    part = read(document).parts[0]
    assert [pitch.midi for pitch in part.toSoundingPitch().pitches] == [54 + s for s in scale]
    [key] = part.recurse().getElementsByClass("KeySignature")
    assert abs(key.sharps) <= 6


def test_rests_are_visible_and_the_document_is_the_same_each_time() -> None:
    request = whole_file("band8.mid")
    document = to_musicxml(request)
    assert 'print-object="no"' not in document
    assert document == to_musicxml(request)


def test_a_track_without_notes_is_a_part_with_rests() -> None:
    empty = MelodyTrack(name="Silent \x07<one>", program=PIANO, is_drum=False, notes=[])
    played = MelodyTrack(name="", program=FLUTE, is_drum=False, notes=[Note(0, 1920, 60, 80)])
    document = to_musicxml(EngravingRequest(tracks=[empty, played]))
    assert sounding_parts(document) == [set(), {(Fraction(0), Fraction(4), 60)}]
    score = read(document)
    assert [part.partName for part in score.parts] == ["Silent <one>", "Flute"]


def test_more_tracks_than_midi_channels_are_engraved(capfd: pytest.CaptureFixture[str]) -> None:
    tracks = [
        MelodyTrack(name=f"T{i}", program=PIANO, is_drum=i == 3, notes=[Note(0, 480, 40 + i, 80)])
        for i in range(40)
    ]
    parts = sounding_parts(to_musicxml(EngravingRequest(tracks=tracks)))
    assert parts == [{(Fraction(0), Fraction(1), 40 + i)} for i in range(40)]
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("seed", range(12))
def test_random_melodies_in_random_metres_are_in_the_document(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - no secret
    bars, start = [], 0
    for _ in range(6):
        numerator, denominator = rng.choice([(4, 4), (3, 4), (7, 8), (6, 8), (5, 16), (9, 8)])
        length = 1920 * numerator // denominator
        cut = rng.choice((0, 0, 60, 120))
        bars.append(Bar(start, length - cut, numerator, denominator))
        start += length - cut
    notes: dict[int, Note] = {}
    for _ in range(30):
        step = rng.choice((60, 120, 240))
        pitch, at = rng.randrange(36, 90), rng.randrange(0, start - 240, step)
        notes[pitch] = Note(at, min(rng.randrange(1, 12) * step, start - at), pitch, 80)
    track = list(notes.values())
    document = to_musicxml(one_track(track, rng.choice((PIANO, CLARINET)), bars))
    assert starts_and_pitches(sounding_parts(document)[0]) == {
        (quarters(note.start), note.pitch) for note in track
    }
    [measures] = written_measures(document)
    assert [measure.length for measure in measures] == [quarters(bar.length) for bar in bars]
