"""Samples are compared with excerpts of held-out pieces of the same length."""

from dataclasses import replace

import numpy as np
import pytest

from ostinato.schemas.evaluations import SampleQuality
from ostinato.schemas.notes import TICKS_PER_BAR, Metre
from services.trainer.data.piece import Notes, Piece
from services.trainer.evaluation.musical_features import FEATURES
from services.trainer.evaluation.sample_quality import (
    HeldOutSet,
    NothingToEvaluate,
    evaluate_samples,
    excerpts_of,
)
from shared.tokenizers.pitch_symbols import PitchSymbolTokenizer
from shared.tokenizers.remi import RemiTokenizer
from shared.tokenizers.tokenizer import Tokenizer
from tests.unit.services.trainer.conftest import random_piece

TRAIN = [random_piece(seed, 200) for seed in range(6)]
PIECES = [random_piece(seed, 200) for seed in range(10, 14)]
SILENCE = np.zeros((0, 4), dtype=np.int64)


@pytest.fixture(scope="module")
def remi() -> RemiTokenizer:
    return RemiTokenizer.without_bpe()


def evaluate(
    samples: list[Notes],
    tokenizer: Tokenizer,
    *held_out: HeldOutSet,
    bars: int = 4,
) -> SampleQuality:
    return evaluate_samples(
        samples,
        bars=bars,
        train=TRAIN,
        held_out=held_out or [HeldOutSet(pieces=PIECES)],
        tokenizer=tokenizer,
    )


def test_every_excerpt_of_a_piece_starts_at_its_own_first_bar() -> None:
    excerpts = list(excerpts_of(PIECES[0].notes, bars=4))
    assert sum(map(len, excerpts)) >= 200 - 8
    assert all(0 <= excerpt[0, 0] < 4 * TICKS_PER_BAR for excerpt in excerpts)
    assert all(excerpt[-1, 0] < 4 * TICKS_PER_BAR for excerpt in excerpts)
    sparse = np.array([[0, 480, 60, 80], [40 * TICKS_PER_BAR, 480, 60, 80]])
    assert list(excerpts_of(sparse, bars=4)) == []


def test_similar_music_has_a_small_distance_and_copies_are_found(
    remi: RemiTokenizer,
) -> None:
    similar = [
        part for seed in range(20, 24) for part in excerpts_of(random_piece(seed, 200).notes, 4)
    ]
    copied = TRAIN[2].notes[16:60] + np.array([-TRAIN[2].notes[16, 0], 0, 3, 0])
    found = evaluate([*similar, copied, SILENCE], remi)
    assert found.num_pieces == len(similar) + 2
    assert found.num_silent == 1
    assert set(found.features) == set(FEATURES)
    assert all(row.distance is not None and row.distance < 1 for row in found.features.values())
    assert found.training_overlap.samples.max == 44
    assert found.training_overlap.held_out.max < 15


def test_copies_of_a_version_without_rhythm_are_found_by_its_own_tokenizer() -> None:
    tokenizer = PitchSymbolTokenizer.train([piece.notes for piece in TRAIN])
    copied = tokenizer.decode(tokenizer.encode(TRAIN[1].notes)[40:80])
    found = evaluate([np.array(copied)], tokenizer, bars=5)
    assert found.training_overlap.samples.max == 40


def test_held_out_music_is_quantized_before_it_is_compared(remi: RemiTokenizer) -> None:
    """Excerpts after a round trip through a tokenizer have distance 0 to the excerpts."""
    rng = np.random.default_rng(5)
    performances = []
    for piece in PIECES:
        chords = np.repeat(piece.notes, 3, axis=0)
        chords[:, 2] += np.tile([0, 4, 7], len(piece.notes))
        chords[:, [0, 1]] += rng.integers(0, 25, (len(chords), 2))
        in_order = chords[np.lexsort((chords[:, 2], chords[:, 0]))]
        performances.append(Piece(name=piece.name, notes=in_order, seconds=piece.seconds))
    excerpts = [part for piece in performances for part in excerpts_of(piece.notes, 4)]
    samples = [np.array(remi.decode(remi.encode(part))) for part in excerpts]
    found = evaluate(samples, remi, HeldOutSet(pieces=performances))
    assert {name: row.distance for name, row in found.features.items()} == dict.fromkeys(
        FEATURES, 0
    )


def test_excerpts_are_in_proportion_to_the_weights_of_the_sets(remi: RemiTokenizer) -> None:
    """This also holds if one of the sets is much larger."""
    few, many = PIECES[:1], [random_piece(seed, 200) for seed in range(30, 60)]
    num_few = len(list(excerpts_of(few[0].notes, 4)))

    def num_excerpts(*held_out: HeldOutSet) -> int:
        return evaluate([TRAIN[0].notes], remi, *held_out).num_excerpts

    assert num_excerpts(HeldOutSet(pieces=few), HeldOutSet(pieces=many, weight=2.0)) == 3 * num_few
    assert num_excerpts(HeldOutSet(pieces=few, weight=0.5), HeldOutSet(pieces=many)) == 3 * num_few
    assert num_excerpts(HeldOutSet(pieces=few)) == num_few


def test_excerpts_are_those_of_music_in_4_4(remi: RemiTokenizer) -> None:
    """Pieces of recipes with several metres name those of their bars."""
    common, waltz = (
        [replace(piece, metres=(metre,) * 200) for piece in PIECES]
        for metre in (Metre.FOUR_FOUR, Metre.THREE_FOUR)
    )
    samples = [TRAIN[0].notes]
    found = evaluate(samples, remi, HeldOutSet(pieces=[*common, *waltz]))
    assert found.num_excerpts == evaluate(samples, remi, HeldOutSet(pieces=PIECES)).num_excerpts


def test_a_side_without_notes_cannot_be_evaluated(remi: RemiTokenizer) -> None:
    with pytest.raises(NothingToEvaluate, match="None of the 2 melodies has a note"):
        evaluate([SILENCE, SILENCE], remi)
    sparse = Piece(name="sparse", notes=PIECES[0].notes[:4], seconds=2)
    with pytest.raises(NothingToEvaluate, match="No 4 bars of the held-out music have 8 notes"):
        evaluate([TRAIN[0].notes], remi, HeldOutSet(pieces=[sparse]))
