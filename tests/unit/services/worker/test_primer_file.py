"""Melodies of random files: JSON and MIDI agree, and everything else is what it was."""

import hashlib
import random
from typing import Any

import numpy as np
import pytest

from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.notes import Metre, Note
from services.worker.engine.interface import EngineOutput, FinishReason
from services.worker.melody_builder import MelodyBuilder
from services.worker.melody_file import new_melody
from services.worker.model_registry import LoadedModel
from services.worker.prompting import build_prompt
from shared.db.generation_shards import ShardItem
from shared.db.melody_score import melody_fields
from shared.db.new_melody import NewMelody
from shared.db.primers import StoredPrimer
from shared.ids import new_id
from shared.midi.normalization import normalize
from shared.midi.reader import read_score
from shared.midi.score import Score
from shared.tokenizers.infill import split_bars
from shared.tokenizers.remi import RemiTokenizer
from tests.support.music.multitrack import BARS, random_file

SEEDS = range(60)
METRES = tuple(Metre)


def stored(midi: bytes, score: Score) -> StoredPrimer:
    return StoredPrimer(
        midi=midi,
        sha256=hashlib.sha256(midi).hexdigest(),
        track=score.melodic_track,
        notes=(),
        bars=len(score.bars),
    )


def generate(
    model: LoadedModel,
    primer: StoredPrimer,
    rng: random.Random,
    **fields: Any,  # noqa: ANN401
) -> NewMelody:
    """A melody of random notes in the bars that are generated."""
    request = GenerationRequest(model="random", seed=1, primer_id=new_id(), **fields)
    prompt = build_prompt(request, primer, model)
    tokenizer = model.tokenizer
    assert isinstance(tokenizer, RemiTokenizer)
    tokens: list[int] = []
    for metre in prompt.target_bars.values():
        starts = sorted(rng.sample(range(0, metre.bar_length, 60), 5))
        durations = (rng.choice((60, 960)) for _ in starts)
        notes = [
            Note(start, duration, rng.randrange(58, 66), 80)
            for start, duration in zip(starts, durations, strict=True)
        ]
        _, bars = split_bars(np.array(tokenizer.encode(notes, [metre])), tokenizer)
        tokens += bars[0].tolist()
    builder = MelodyBuilder(
        item=ShardItem(index=0, seed=1, request=request, primer=primer),
        track=prompt.track,
        bars=prompt.bars - prompt.file.hidden_bars,
        decoder=prompt.decoder,
        file=prompt.file,
    )
    builder.apply(
        EngineOutput(
            id=0,
            tokens=tuple(tokens),
            finish_reason=FinishReason.COMPLETE,
            error=None,
            elapsed_seconds=0.1,
        )
    )
    return new_melody(builder, model)


def check_agreement(melody: NewMelody) -> Score:
    """The JSON of a melody has the tracks, notes, bars and tempos of its MIDI file."""
    score = read_score(melody.midi)
    row = melody.row(new_id(), "ann")
    notes = sorted(row["notes"], key=lambda note: (note[0], note[2]))
    fields = melody_fields(row["score"], bars=row["bars"], tempo=0, program=0, notes=notes)
    assert fields["bar_positions"] == list(score.bars)
    assert fields["tempos"] == [
        (tick, round(60e6 / microseconds, 3)) for tick, microseconds in score.tempos
    ]
    for track, read in zip(fields["tracks"], score.tracks, strict=True):
        assert (track.name, track.program, track.is_drum) == (
            *(read.name, read.program, read.is_drum),
        )
        assert sorted(map(tuple, track.notes)) == sorted(map(tuple, read.notes.tolist()))
    return score


@pytest.mark.parametrize("seed", SEEDS)
def test_a_melody_of_a_random_file_has_everything_of_it(
    random_model: LoadedModel, seed: int
) -> None:
    rng = random.Random(seed)  # noqa: S311 - music, not secrets
    metre = METRES[seed % len(METRES)]
    midi = normalize(random_file(seed, metre)).to_bytes()
    before = read_score(midi)
    pitched = [index for index, track in enumerate(before.tracks) if not track.is_drum]
    if not pitched:
        return
    index = rng.choice(pitched)
    primer = stored(midi, before)
    masked = sorted(rng.sample(range(BARS), 2))
    requests: list[dict[str, Any]] = [
        {"regenerate": masked},
        {"bars": 2},
        {"bars": 2, "time_signature": rng.choice(METRES)},
    ]
    fields = rng.choice(requests)
    after = check_agreement(generate(random_model, primer, rng, track=index, **fields))
    for number, (old, new) in enumerate(zip(before.tracks, after.tracks, strict=True)):
        if number != index:
            assert new.notes.tolist() == old.notes.tolist()
    intervals = [
        range(before.bars[bar].start, before.bars[bar].start + before.bars[bar].length)
        for bar in (masked if "regenerate" in fields else ())
    ]
    kept = [
        note
        for note in before.tracks[index].notes.tolist()
        if not any(note[0] in interval for interval in intervals)
    ]
    new_notes = after.tracks[index].notes.tolist()
    rest = [
        note
        for note in new_notes
        if not any(note[0] in interval for interval in intervals) and note[0] < before.end
    ]
    assert sorted(rest) == sorted(kept)
    assert after.tempos == before.tempos
    assert len(after.bars) == BARS + (0 if intervals else 2)


@pytest.mark.parametrize("seed", range(10))
def test_the_new_bars_alone_agree_with_their_file(random_model: LoadedModel, seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - music, not secrets
    midi = normalize(random_file(seed, METRES[seed % 4])).to_bytes()
    before = read_score(midi)
    if before.melodic_track is None:
        return
    score = check_agreement(
        generate(random_model, stored(midi, before), rng, bars=3, include_primer=False)
    )
    assert (len(score.tracks), len(score.bars)) == (1, 3)
    assert score.tracks[0].program == before.tracks[before.melodic_track].program
