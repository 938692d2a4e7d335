"""Tests of the grammar: encoded music is legal, and legal tokens decode to music."""

import pytest
import torch

from ostinato.schemas.notes import TICKS_PER_BAR, Note
from shared.midi.writer import write_midi
from shared.models.decoding import DecodingState
from shared.models.grammar import GrammarMask
from shared.models.sampling_params import GenerationSpec
from shared.tokenizers.grammar import ILLEGAL, BarInsideToken, GrammarTable, build_grammar
from shared.tokenizers.remi import RemiTokenizer
from shared.tokenizers.symbols import BAR, Symbol, SymbolKind
from tests.support.music.random_pieces import random_piece, unquantized_piece

BOS, EOS = 0, 1
SPECIAL = (Symbol(SymbolKind.SPECIAL, 0),)
POSITIONS = [(Symbol(SymbolKind.POSITION, position),) for position in (0, 8)]
NOTES = [
    (
        Symbol(SymbolKind.PITCH, pitch),
        Symbol(SymbolKind.VELOCITY, 63),
        Symbol(SymbolKind.DURATION, 60),
    )
    for pitch in (60, 64)
]
SMALL = build_grammar([SPECIAL, SPECIAL, (BAR,), *POSITIONS, *NOTES, ()], BOS, EOS)
BAR_LINE, FIRST, SECOND, LOW, HIGH, EMPTY = range(2, 8)


def accepts(table: GrammarTable, *tokens: int) -> bool:
    state = 0
    for token in tokens:
        state = int(table.next_state[state, token])
        if state == ILLEGAL:
            return False
    return True


@pytest.mark.parametrize(
    "tokens",
    [
        (BOS, BAR_LINE, EOS),
        (BOS, BAR_LINE, BAR_LINE, FIRST, LOW, HIGH, SECOND, LOW, EOS),
        (BOS, BAR_LINE, SECOND, HIGH, BAR_LINE, FIRST, LOW),
    ],
)
def test_valid_sequences_are_legal(tokens: tuple[int, ...]) -> None:
    assert accepts(SMALL, *tokens)


@pytest.mark.parametrize(
    ("tokens", "reason"),
    [
        ((BAR_LINE,), "BOS is first"),
        ((BOS, BOS), "only one BOS"),
        ((BOS, EOS), "a piece has a bar"),
        ((BOS, FIRST), "a position is in a bar"),
        ((BOS, BAR_LINE, LOW), "a note has a position"),
        ((BOS, BAR_LINE, FIRST, BAR_LINE), "a position has a note"),
        ((BOS, BAR_LINE, SECOND, LOW, FIRST), "positions increase"),
        ((BOS, BAR_LINE, FIRST, LOW, FIRST), "positions strictly increase"),
        ((BOS, BAR_LINE, FIRST, LOW, LOW), "one note for each pitch"),
        ((BOS, BAR_LINE, FIRST, HIGH, LOW), "pitches increase"),
        ((BOS, BAR_LINE, EOS, BAR_LINE), "nothing follows EOS"),
        ((BOS, EMPTY), "a token without symbols is never legal"),
    ],
)
def test_invalid_sequences_are_illegal(tokens: tuple[int, ...], reason: str) -> None:
    assert not accepts(SMALL, *tokens), reason


def test_a_bar_line_inside_a_token_is_rejected() -> None:
    with pytest.raises(BarInsideToken):
        build_grammar([SPECIAL, SPECIAL, (*NOTES[0], BAR)], BOS, EOS)
    with pytest.raises(BarInsideToken):
        build_grammar([SPECIAL, SPECIAL, (BAR, BAR)], BOS, EOS)


@pytest.mark.parametrize("seed", range(30))
def test_encoded_music_is_legal(remi: RemiTokenizer, grammar: GrammarTable, seed: int) -> None:
    for notes in (random_piece(seed + 500), unquantized_piece(seed)):
        assert accepts(grammar, remi.bos, *remi.encode(notes), remi.eos)


def test_a_token_opens_as_many_bars_as_it_has_bar_lines(
    remi: RemiTokenizer, grammar: GrammarTable
) -> None:
    assert [
        remi.num_bars([token]) for token in range(remi.vocab_size)
    ] == grammar.opens_bar.tolist()
    assert grammar.opens_bar.sum() > 10, "there are pairs with a bar line"


def sample_at_random(
    remi: RemiTokenizer, table: GrammarTable, bars: list[int], sharpness: float
) -> list[DecodingState]:
    """One sequence for each number of bars, of the most likely legal tokens of random logits."""
    mask = GrammarMask(table, torch.device("cpu"))
    bias = torch.randn(len(bars), remi.vocab_size) * sharpness
    sequences = [
        DecodingState(
            GenerationSpec(pinned_prefix=(remi.bos,), bars=number, seed=0), table, context=100_000
        )
        for number in bars
    ]
    while running := [i for i, sequence in enumerate(sequences) if not sequence.finished]:
        states = torch.tensor([sequences[index].state for index in running])
        phases = torch.tensor([sequences[index].phase for index in running])
        logits = bias[running] + torch.randn(len(running), remi.vocab_size)
        tokens = mask.apply(logits, states, phases).argmax(-1)
        for index, token in zip(running, tokens.tolist(), strict=True):
            sequences[index].accept(token)
    return sequences


@pytest.mark.parametrize("sharpness", [0.0, 1.0, 3.0])
def test_sampled_tokens_decode_to_the_requested_bars(
    remi: RemiTokenizer, grammar: GrammarTable, sharpness: float
) -> None:
    torch.manual_seed(0)
    num_notes = 0
    bars = [1 + index % 7 for index in range(400)]
    for number, sequence in zip(
        bars, sample_at_random(remi, grammar, bars, sharpness), strict=True
    ):
        tokens = sequence.context_window[1:]
        assert remi.num_bars(tokens) == number
        notes = remi.decode(tokens)
        places = [(note.start, note.pitch) for note in notes]
        assert places == sorted(set(places)), "sorted, without duplicates"
        assert [bar_of(note) for note in notes] == bars_by_bar_lines(remi, tokens)
        assert all(note.start + note.duration <= number * TICKS_PER_BAR for note in notes)
        write_midi(notes, tempo=120, instrument=0, bars=number)
        num_notes += len(notes)
    assert num_notes > 1000


def bar_of(note: Note) -> int:
    return note.start // TICKS_PER_BAR


def bars_by_bar_lines(remi: RemiTokenizer, tokens: list[int]) -> list[int]:
    """The bar of each note, counted by the bar lines before it."""
    bar, bars = -1, []
    for symbol in (symbol for token in tokens for symbol in remi.token_symbols[token]):
        bar += symbol.kind is SymbolKind.BAR
        if symbol.kind is SymbolKind.PITCH:
            bars.append(bar)
    return bars
