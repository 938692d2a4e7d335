"""Pieces whose bars are in several metres are encoded and decoded bar by bar."""

import random

import numpy as np
import pytest

from ostinato.schemas.notes import Metre, Note
from shared.tokenizers.infill import split_bars
from shared.tokenizers.quantization import bar_lines
from shared.tokenizers.remi import Measured, RemiTokenizer
from tests.unit.shared.tokenizers.test_grammar import accepts

METRES = tuple(Metre)


def measured_piece(seed: int, num_bars: int = 12) -> Measured:
    """Notes on the grid of bars in random metres, sorted by start and pitch."""
    rng = random.Random(seed)  # noqa: S311 - music, not secrets
    metres = [rng.choice(METRES) for _ in range(num_bars)]
    end = sum(metre.bar_length for metre in metres)
    starts = sorted(rng.sample(range(0, end, 60), 3 * num_bars))
    durations = (rng.choice((60, 240, 480, 960)) for _ in starts)
    notes = [
        Note(start, min(duration, end - start), rng.randrange(50, 80), 79)
        for start, duration in zip(starts, durations, strict=True)
    ]
    return Measured(notes, metres)


WITHOUT_PAIRS = RemiTokenizer.without_bpe(METRES)
WITH_PAIRS = RemiTokenizer.train(map(measured_piece, range(100, 130)), 400, METRES)


@pytest.mark.parametrize("remi", [WITHOUT_PAIRS, WITH_PAIRS], ids=["without", "with"])
@pytest.mark.parametrize("seed", range(20))
def test_a_piece_is_decoded_as_it_was_encoded(remi: RemiTokenizer, seed: int) -> None:
    notes, metres = measured_piece(seed)
    ids = remi.encode(notes, metres)
    assert remi.decode(ids) == notes
    num_bars = len(bar_lines(max(note.start + note.duration for note in notes), metres)) - 1
    assert remi.bar_metres(ids) == metres[:num_bars]
    assert accepts(remi.grammar(), remi.bos, *ids, remi.eos)


def test_bars_after_the_given_ones_are_in_common_time() -> None:
    notes = [Note(0, 480, 60, 79), Note(1440 + 1920, 480, 62, 79)]
    ids = WITHOUT_PAIRS.encode(notes, [Metre.THREE_FOUR])
    expected = [Metre.THREE_FOUR, Metre.FOUR_FOUR, Metre.FOUR_FOUR]
    assert WITHOUT_PAIRS.bar_metres(ids) == expected
    assert WITHOUT_PAIRS.decode(ids) == notes


def test_a_vocabulary_without_a_metre_does_not_encode_it() -> None:
    remi = RemiTokenizer.without_bpe()
    assert remi.metres == (Metre.FOUR_FOUR,)
    with pytest.raises(ValueError, match="no bars in 3/4"):
        remi.encode([Note(0, 480, 60, 79)], [Metre.THREE_FOUR])


def test_an_empty_bar_is_one_token_of_its_metre() -> None:
    for remi in (WITHOUT_PAIRS, WITH_PAIRS):
        for metre in METRES:
            assert remi.bar_metres([remi.empty_bar(metre)]) == [metre]


def test_masked_bars_of_several_metres_are_decoded_at_their_places() -> None:
    notes, metres = measured_piece(3)
    lines = bar_lines(notes[-1].start + 1, metres).tolist()
    masked = [2, 3, 7]
    inside = [
        note for note in notes if any(lines[bar] <= note.start < lines[bar + 1] for bar in masked)
    ]
    _, bars = split_bars(np.array(WITHOUT_PAIRS.encode(notes, metres)), WITHOUT_PAIRS)
    ids = [token for bar in masked for token in bars[bar].tolist()]
    decoder = WITHOUT_PAIRS.incremental_decoder(len(metres), masked, metres)
    found = decoder.feed(ids)
    assert [note[:1] + note[2:] for note in found] == [note[:1] + note[2:] for note in inside]
