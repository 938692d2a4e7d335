"""Melodies in 3/4, 2/4 and 6/8: new ones, continuations, regenerated bars, changes of metre."""

from typing import Any

import pytest

from ostinato import ApiError, Client
from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.harmony import Chords, chord_tones
from ostinato.schemas.jobs import JobState
from ostinato.schemas.melodies import Melody
from ostinato.schemas.notes import Bar, Metre
from shared.midi.container import read_container
from shared.midi.reader import read_score
from tests.e2e.files.test_whole_files import check_agreement
from tests.support.midi import read_case


def generate(client: Client, **fields: Any) -> tuple[Melody, bytes]:  # noqa: ANN401 - fields of a request
    request = GenerationRequest.model_validate({"model": "random", "seed": 5, **fields})
    job = client.wait(client.generate(request).id)
    assert job.state is JobState.SUCCEEDED, job.error
    [summary] = client.melodies(job.id)
    melody, midi = client.melody(summary.id), client.midi(summary.id)
    check_agreement(melody, midi)
    return melody, midi


def bars_in(metre: Metre, count: int, start: int = 0) -> list[Bar]:
    length = metre.bar_length
    return [Bar(start + number * length, length, *metre.fraction) for number in range(count)]


def has_notes(melody: Melody, first: int, last: int) -> bool:
    """Whether a note begins in these bars; random weights leave some bars empty."""
    start, end = melody.bar_positions[first].start, melody.bar_positions[last - 1]
    return any(start <= note.start < end.start + end.length for note in melody.notes)


@pytest.mark.parametrize("metre", list(Metre))
def test_a_new_melody_is_in_the_metre_that_was_asked_for(client: Client, metre: Metre) -> None:
    melody, midi = generate(client, time_signature=metre, bars=6)
    assert melody.bar_positions == bars_in(metre, 6)
    assert has_notes(melody, 0, 6)
    end = 6 * metre.bar_length
    assert all(note.start + note.duration <= end for note in melody.notes)
    job = client.wait(client.reproduce(midi).id)
    assert [client.midi(each.id) for each in client.melodies(job.id)] == [midi]


@pytest.mark.parametrize(
    ("name", "metre"), [("waltz8.mid", Metre.THREE_FOUR), ("six-eight8.mid", Metre.SIX_EIGHT)]
)
def test_a_continuation_keeps_the_metre_of_the_file(
    client: Client, name: str, metre: Metre
) -> None:
    primer = client.upload_primer(read_case(name))
    assert (primer.bars, primer.time_signatures) == (8, (metre,))
    melody, _ = generate(client, primer_id=primer.id, bars=3)
    assert melody.bar_positions == bars_in(metre, 11)
    assert has_notes(melody, 8, 11)


def test_a_continuation_may_change_the_metre(client: Client) -> None:
    primer = client.upload_primer(read_case("waltz8.mid"))
    melody, midi = generate(client, primer_id=primer.id, bars=2, time_signature=Metre.TWO_FOUR)
    end = 8 * Metre.THREE_FOUR.bar_length
    assert melody.bar_positions == [
        *bars_in(Metre.THREE_FOUR, 8),
        *bars_in(Metre.TWO_FOUR, 2, start=end),
    ]
    assert read_score(midi).bars == tuple(melody.bar_positions)
    alone, _ = generate(
        client,
        primer_id=primer.id,
        bars=2,
        time_signature=Metre.TWO_FOUR,
        include_primer=False,
    )
    assert alone.bar_positions == bars_in(Metre.TWO_FOUR, 2)
    moved = [note._replace(start=note.start - end) for note in melody.notes if note.start >= end]
    assert [note[::2] for note in alone.notes] == [note[::2] for note in moved]


@pytest.mark.parametrize("name", ["waltz8.mid", "six-eight8.mid"])
def test_only_the_bars_of_the_metre_are_regenerated(client: Client, name: str) -> None:
    primer = client.upload_primer(read_case(name))
    melody, midi = generate(client, primer_id=primer.id, regenerate=[2, 3, 4])
    before = read_score(read_container(read_case(name)).to_bytes())
    start, end = before.bars[2].start, before.bars[5].start
    kept = [tuple(note) for note in before.tracks[0].notes.tolist() if not start <= note[0] < end]
    after = [
        tuple(note)
        for note in read_score(midi).tracks[0].notes.tolist()
        if not start <= note[0] < end
    ]
    assert after == kept
    assert melody.bar_positions == list(before.bars)
    assert has_notes(melody, 2, 5)


def test_chords_change_at_the_bars_of_the_metre(client: Client) -> None:
    names = ("C", "F#")
    chords = Chords(progression=names, strictness=1)
    melody, _ = generate(client, time_signature=Metre.THREE_FOUR, bars=6, chords=chords)
    for note in melody.notes:
        bar = note.start // Metre.THREE_FOUR.bar_length
        assert note.pitch % 12 in chord_tones(names[bar % 2]), (bar, note)


@pytest.mark.parametrize("fields", [{"time_signature": "3/4"}, {"name": "waltz8.mid"}])
def test_a_metre_that_a_model_does_not_know_is_refused_with_those_that_do(
    client: Client, fields: dict[str, str]
) -> None:
    if name := fields.pop("name", None):
        fields["primer_id"] = str(client.upload_primer(read_case(name)).id)
    with pytest.raises(ApiError, match="mini does not know bars in 3/4; these do: random") as error:
        client.generate(GenerationRequest.model_validate({"model": "mini", **fields}))
    assert (error.value.status, error.value.extra["models"]) == (422, ["random"])


def test_a_metre_that_no_model_knows_is_named(client: Client) -> None:
    primer = client.upload_primer(read_case("seven-eight8.mid"))
    assert primer.time_signatures == ("7/8",)
    with pytest.raises(ApiError, match="does not know bars in 7/8; no promoted model does"):
        client.generate(GenerationRequest(model="random", primer_id=primer.id))


def test_the_capabilities_name_the_metres(client: Client) -> None:
    metres = {model.version: model.capabilities.time_signatures for model in client.models()}
    assert metres["random"] == tuple(Metre)
    assert metres["mini"] == (Metre.FOUR_FOUR,)
