"""Tests of incremental decoding."""

import random

import pytest

from ostinato.schemas.notes import TICKS_PER_BAR, Note
from shared.tokenizers.remi import RemiTokenizer
from shared.tokenizers.remi_decoder import InvalidTokenSequence, RemiDecoder
from shared.tokenizers.symbols import BAR, Symbol, SymbolKind
from tests.support.music.random_pieces import random_piece, unquantized_piece

TOKEN_SYMBOLS = [
    (BAR,),
    (Symbol(SymbolKind.POSITION, 8), Symbol(SymbolKind.PITCH, 60)),
    (Symbol(SymbolKind.VELOCITY, 63),),
    (Symbol(SymbolKind.DURATION, 3840), BAR),
    (Symbol(SymbolKind.SPECIAL, 0),),
]


@pytest.mark.parametrize("seed", range(20))
def test_incremental_decoding_equals_decoding_at_once(remi: RemiTokenizer, seed: int) -> None:
    ids = remi.encode(random_piece(seed) if seed % 2 else unquantized_piece(seed))
    decoder = RemiDecoder(remi.token_symbols, remi.num_bars(ids))
    rng = random.Random(seed)  # noqa: S311 - music, not secrets
    notes, start = [], 0
    while start < len(ids):
        size = rng.randrange(1, 6)
        notes += decoder.feed(ids[start : start + size])
        start += size
    assert notes == remi.decode(ids)
    assert len(notes) > 0


def test_no_later_note_is_added_to_a_complete_bar(remi: RemiTokenizer) -> None:
    ids = remi.encode(random_piece(8))
    decoder = RemiDecoder(remi.token_symbols, remi.num_bars(ids))
    counts = []
    for token in ids:
        complete = decoder.complete_bars
        counts.append(complete)
        assert all(note.start >= complete * TICKS_PER_BAR for note in decoder.feed([token]))
    assert counts == sorted(counts)
    assert decoder.complete_bars == remi.num_bars(ids) - 1


def test_a_note_is_shortened_to_the_end_of_the_sequence() -> None:
    decoder = RemiDecoder(TOKEN_SYMBOLS, bars=2)
    assert decoder.feed([0, 4, 0, 1, 2]) == []
    assert decoder.feed([3]) == [Note(TICKS_PER_BAR + 480, TICKS_PER_BAR - 480, 60, 63)]


@pytest.mark.parametrize("ids", [[0, 2, 3], [0, 1, 3], [0, 1, 2, 0, 3], [0, 1, 2, 3, 2, 3]])
def test_an_incomplete_note_is_rejected(ids: list[int]) -> None:
    with pytest.raises(InvalidTokenSequence):
        RemiDecoder(TOKEN_SYMBOLS, bars=9).feed(ids)


def test_bars_in_a_given_order_have_their_own_starts(remi: RemiTokenizer) -> None:
    bars = ((0, 2), (1, 2), (2, 1))
    long = [Note(bar * TICKS_PER_BAR, length * TICKS_PER_BAR, 60, 80) for bar, length in bars]
    ids = remi.encode(long)
    decoder = remi.incremental_decoder(9, [2, 3, 7])
    assert decoder.complete_bars == 2
    notes = decoder.feed(ids)
    assert [(note.start, note.duration) for note in notes] == [
        (2 * TICKS_PER_BAR, 2 * TICKS_PER_BAR),
        (3 * TICKS_PER_BAR, TICKS_PER_BAR),
        (7 * TICKS_PER_BAR, TICKS_PER_BAR),
    ]
    assert decoder.complete_bars == 7
