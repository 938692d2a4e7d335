"""What a version wrote is set beside what people wrote, in excerpts of the same length."""

import numpy as np
import pytest

from ostinato.schemas.notes import TICKS_PER_BAR
from services.trainer.data.piece import Piece
from services.trainer.evaluation.musical_features import TRAITS
from services.trainer.evaluation.sample_quality import HeldOut, NothingToJudge, excerpts_of, judge
from shared.tokenizers.pitch_symbols import PitchSymbols
from shared.tokenizers.remi import Remi
from tests.unit.services.trainer.conftest import random_piece

TRAIN = [random_piece(seed, 200) for seed in range(6)]
PIECES = [random_piece(seed, 200) for seed in range(10, 14)]
HELD_OUT = [HeldOut(pieces=PIECES)]


@pytest.fixture(scope="module")
def remi() -> Remi:
    return Remi.without_pairs()


def test_a_piece_falls_into_parts_that_begin_at_their_own_beginning() -> None:
    parts = list(excerpts_of(PIECES[0].notes, bars=4))
    assert sum(map(len, parts)) >= 200 - 8
    assert all(0 <= part[0, 0] < 4 * TICKS_PER_BAR for part in parts)
    assert all(part[-1, 0] < 4 * TICKS_PER_BAR for part in parts)
    sparse = np.array([[0, 480, 60, 80], [40 * TICKS_PER_BAR, 480, 60, 80]])
    assert list(excerpts_of(sparse, bars=4)) == []


def test_music_like_the_held_out_is_near_to_it_and_copies_are_found(remi: Remi) -> None:
    alike = [
        part for seed in range(20, 24) for part in excerpts_of(random_piece(seed, 200).notes, 4)
    ]
    copied = TRAIN[2].notes[16:60] + np.array([-TRAIN[2].notes[16, 0], 0, 3, 0])
    silent = np.zeros((0, 4), dtype=np.int64)
    found = judge([*alike, copied, silent], bars=4, train=TRAIN, held_out=HELD_OUT, vocabulary=remi)
    assert found.pieces == len(alike) + 2
    assert found.silent == 1
    assert set(found.traits) == set(TRAITS)
    assert all(row.distance is not None and row.distance < 1 for row in found.traits.values())
    assert found.longest_copied_notes.samples.max == 44
    assert found.longest_copied_notes.held_out.max < 15


def test_copies_of_a_version_without_rhythm_are_found_in_its_own_spelling() -> None:
    symbols = PitchSymbols.train([piece.notes for piece in TRAIN])
    written = symbols.decode(symbols.encode(TRAIN[1].notes)[40:80])
    found = judge([np.array(written)], bars=5, train=TRAIN, held_out=HELD_OUT, vocabulary=symbols)
    assert found.longest_copied_notes.samples.max == 40


def test_music_that_is_off_the_grid_is_set_beside_what_can_be_written(remi: Remi) -> None:
    """What is held out, written and read back, is as near to it as anything can be."""
    rng = np.random.default_rng(5)
    performed = []
    for piece in PIECES:
        chords = np.repeat(piece.notes, 3, axis=0)
        chords[:, 2] += np.tile([0, 4, 7], len(piece.notes))
        chords[:, [0, 1]] += rng.integers(0, 25, (len(chords), 2))
        in_order = chords[np.lexsort((chords[:, 2], chords[:, 0]))]
        performed.append(Piece(name=piece.name, notes=in_order, seconds=piece.seconds))
    excerpts = [part for piece in performed for part in excerpts_of(piece.notes, 4)]
    written = [np.array(remi.decode(remi.encode(part))) for part in excerpts]
    held_out = [HeldOut(pieces=performed)]
    found = judge(written, bars=4, train=TRAIN, held_out=held_out, vocabulary=remi)
    assert {name: row.distance for name, row in found.traits.items()} == dict.fromkeys(TRAITS, 0)


def test_several_sets_are_held_out_as_they_were_drawn(remi: Remi) -> None:
    """However much longer one of them is."""
    few, many = PIECES[:1], [random_piece(seed, 200) for seed in range(30, 60)]
    of_few = len(list(excerpts_of(few[0].notes, 4)))

    def excerpts(*held_out: HeldOut) -> int:
        written = [TRAIN[0].notes]
        return judge(written, bars=4, train=TRAIN, held_out=held_out, vocabulary=remi).excerpts

    assert excerpts(HeldOut(pieces=few), HeldOut(pieces=many, weight=2.0)) == 3 * of_few
    assert excerpts(HeldOut(pieces=few, weight=0.5), HeldOut(pieces=many)) == 3 * of_few
    assert excerpts(HeldOut(pieces=few)) == of_few


def test_where_one_side_is_silent_there_is_nothing_to_judge(remi: Remi) -> None:
    silent = np.zeros((0, 4), dtype=np.int64)
    with pytest.raises(NothingToJudge, match="None of the 2 pieces has a note"):
        judge([silent, silent], bars=4, train=TRAIN, held_out=HELD_OUT, vocabulary=remi)
    sparse = Piece(name="sparse", notes=PIECES[0].notes[:4], seconds=2)
    with pytest.raises(NothingToJudge, match="No 4 bars of the held-out music have 8 notes"):
        judge(
            [TRAIN[0].notes],
            bars=4,
            train=TRAIN,
            held_out=[HeldOut(pieces=[sparse])],
            vocabulary=remi,
        )
