"""The table: it takes all music, and whatever it lets through is music."""

import pytest
import torch

from ostinato.schemas.notes import TICKS_PER_BAR, Note
from shared.models.decoding import Piece
from shared.models.grammar import LegalTable
from shared.models.sampling_params import SampleRequest
from shared.tokenizers.grammar import ILLEGAL, BarInsideToken, GrammarTable, build_grammar
from shared.tokenizers.midi_file import write_midi
from shared.tokenizers.remi import Remi
from shared.tokenizers.symbols import BAR, Kind, Symbol
from tests.unit.shared.tokenizers.music import piece, rough

BOS, EOS = 0, 1
SPECIAL = (Symbol(Kind.SPECIAL, 0),)
POSITIONS = [(Symbol(Kind.POSITION, position),) for position in (0, 8)]
NOTES = [
    (Symbol(Kind.PITCH, pitch), Symbol(Kind.VELOCITY, 63), Symbol(Kind.DURATION, 60))
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
def test_music_is_legal(tokens: tuple[int, ...]) -> None:
    assert accepts(SMALL, *tokens)


@pytest.mark.parametrize(
    ("tokens", "reason"),
    [
        ((BAR_LINE,), "nothing comes before BOS"),
        ((BOS, BOS), "BOS comes once"),
        ((BOS, EOS), "a piece has a bar"),
        ((BOS, FIRST), "a position is in a bar"),
        ((BOS, BAR_LINE, LOW), "a note has a position"),
        ((BOS, BAR_LINE, FIRST, BAR_LINE), "a position has a note"),
        ((BOS, BAR_LINE, SECOND, LOW, FIRST), "time goes on"),
        ((BOS, BAR_LINE, FIRST, LOW, FIRST), "a position comes once"),
        ((BOS, BAR_LINE, FIRST, LOW, LOW), "a key is struck once"),
        ((BOS, BAR_LINE, FIRST, HIGH, LOW), "a chord rises"),
        ((BOS, BAR_LINE, EOS, BAR_LINE), "nothing follows EOS"),
        ((BOS, EMPTY), "a token that stands for nothing is never legal"),
    ],
)
def test_what_is_no_music_is_illegal(tokens: tuple[int, ...], reason: str) -> None:
    assert not accepts(SMALL, *tokens), reason


def test_a_bar_line_inside_a_token_is_refused() -> None:
    with pytest.raises(BarInsideToken):
        build_grammar([SPECIAL, SPECIAL, (*NOTES[0], BAR)], BOS, EOS)
    with pytest.raises(BarInsideToken):
        build_grammar([SPECIAL, SPECIAL, (BAR, BAR)], BOS, EOS)


@pytest.mark.parametrize("seed", range(30))
def test_all_that_is_encoded_is_legal(remi: Remi, grammar: GrammarTable, seed: int) -> None:
    for notes in (piece(seed + 500), rough(seed)):
        assert accepts(grammar, remi.bos, *remi.encode(notes), remi.eos)


def test_bars_are_counted_as_they_are_spelt(remi: Remi, grammar: GrammarTable) -> None:
    assert [remi.num_bars([token]) for token in range(remi.vocab_size)] == grammar.bars.tolist()
    assert (grammar.bars > 0).sum() > 10, "pairs with a bar line were learnt"


def write_at_random(remi: Remi, table: GrammarTable, bars: list[int], sharp: float) -> list[Piece]:
    """A piece of each number of bars, of the likeliest legal tokens of random logits."""
    legal = LegalTable(table, torch.device("cpu"))
    bias = torch.randn(len(bars), remi.vocab_size) * sharp
    pieces = [
        Piece(SampleRequest(head=(remi.bos,), bars=number, seed=0), table, context=100_000)
        for number in bars
    ]
    while running := [index for index, each in enumerate(pieces) if not each.finished]:
        states = torch.tensor([pieces[index].state for index in running])
        stages = torch.tensor([pieces[index].stage for index in running])
        logits = bias[running] + torch.randn(len(running), remi.vocab_size)
        tokens = legal.apply(logits, states, stages).argmax(-1)
        for index, token in zip(running, tokens.tolist(), strict=True):
            pieces[index].accept(token)
    return pieces


@pytest.mark.parametrize("sharp", [0.0, 1.0, 3.0])
def test_whatever_is_drawn_decodes_to_the_asked_bars(
    remi: Remi, grammar: GrammarTable, sharp: float
) -> None:
    torch.manual_seed(0)
    num_notes = 0
    bars = [1 + index % 7 for index in range(400)]
    for number, written in zip(bars, write_at_random(remi, grammar, bars, sharp), strict=True):
        tokens = written.window[1:]
        assert remi.num_bars(tokens) == number
        notes = remi.decode(tokens)
        places = [(note.start, note.pitch) for note in notes]
        assert places == sorted(set(places)), "in order, and no key is struck twice at once"
        assert [bar_of(note) for note in notes] == bars_as_written(remi, tokens)
        assert all(note.start + note.duration <= number * TICKS_PER_BAR for note in notes)
        write_midi(notes, tempo=120, instrument=0, bars=number)
        num_notes += len(notes)
    assert num_notes > 1000


def bar_of(note: Note) -> int:
    return note.start // TICKS_PER_BAR


def bars_as_written(remi: Remi, tokens: list[int]) -> list[int]:
    """Behind how many bar lines each note is spelt, from 0."""
    bar, bars = -1, []
    for symbol in (symbol for token in tokens for symbol in remi.expansions[token]):
        bar += symbol.kind is Kind.BAR
        if symbol.kind is Kind.PITCH:
            bars.append(bar)
    return bars
