"""The rules by which a piece is written: its bars, its end, and its window on what came before."""

from dataclasses import replace

import pytest
import torch

from shared.models.decoding import CHUNK, Piece
from shared.models.grammar import IllegalToken, Stage
from shared.models.sampling_params import SampleRequest
from tests.unit.shared.models.toys import (
    BAR,
    BOS,
    CONTEXT,
    EOS,
    WORDS_A,
    WORDS_B,
    toy_grammar,
)

A, B = WORDS_A[0], WORDS_B[0]
REQUEST = SampleRequest(head=(BOS,), bars=2, seed=0)


def begin(request: SampleRequest = REQUEST) -> Piece:
    return Piece(request, toy_grammar(), CONTEXT)


def write(piece: Piece, *tokens: int) -> bool:
    """Whether the piece is finished with these."""
    for token in tokens:
        piece.accept(token)
    return piece.finished


def test_it_must_open_a_bar_first_and_may_end_in_the_last() -> None:
    piece = begin()
    stages = [piece.stage]
    for token in (BAR, A, B, BAR):
        write(piece, token)
        stages.append(piece.stage)
    assert stages == [Stage.OPENING, *[Stage.WRITING] * 3, Stage.CLOSING]


@pytest.mark.parametrize("end", [EOS, BAR, BAR + 1])
def test_one_bar_more_or_eos_ends_it_and_is_no_part_of_it(end: int) -> None:
    piece = begin()
    finished = [write(piece, BAR, A, B, BAR), write(piece, end)]
    assert finished == [False, True]
    assert piece.window == [BOS, BAR, A, B, BAR]
    assert piece.num_tokens == 4


def test_bars_of_the_prompt_do_not_count() -> None:
    piece = begin(replace(REQUEST, prompt=(BAR, A, B, BAR, A, B), bars=1))
    stages = [piece.stage]
    write(piece, BAR)
    assert [*stages, piece.stage] == [Stage.OPENING, Stage.CLOSING]
    assert piece.num_tokens == 1


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (replace(REQUEST, bars=0), "bars"),
        (replace(REQUEST, head=()), "BOS"),
        (replace(REQUEST, head=(BAR, A)), "BOS"),
        (replace(REQUEST, head=(BOS, *[BAR] * 500)), "no room"),
    ],
)
def test_what_is_no_piece_is_refused(request_: SampleRequest, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        begin(request_)


def test_an_illegal_prompt_is_refused() -> None:
    with pytest.raises(IllegalToken):
        begin(replace(REQUEST, prompt=(BAR, B)))


def test_a_prompt_is_shown_by_chunks_that_end_at_multiples_of_their_length() -> None:
    piece = begin(replace(REQUEST, prompt=tuple(bars_of(*[9] * 7))))
    piece._context = 10 * CHUNK  # so that nothing is cut
    shown = []
    while len(piece.unseen):
        shown.append((piece.unseen, piece.is_ready))
        piece.see()
    assert shown == [(range(CHUNK), True)], "64 tokens: BOS and seven bars of nine"
    write(piece, BAR)
    assert (piece.unseen, piece.is_ready) == (range(CHUNK, CHUNK + 1), True)
    piece.forget()
    assert (piece.unseen, piece.is_ready) == (range(CHUNK), False)
    piece.see()
    assert (piece.unseen, piece.is_ready) == (range(CHUNK, CHUNK + 1), True)


def bars_of(*lengths: int) -> list[int]:
    """Bars of so many tokens each; a length is odd, for the bar line and pairs of words."""
    return [token for length in lengths for token in (BAR, *(A, B) * (length // 2))]


def fill(*lengths: int) -> Piece:
    """A piece whose window was full and has just been cut."""
    piece = begin(replace(REQUEST, bars=100))
    tokens = bars_of(*lengths)
    assert len(tokens) == CONTEXT, "one more than there is room for beside BOS"
    piece.see()
    write(piece, *tokens)
    assert piece.unseen.start == 0, "a new window is taken in once more"
    return piece


def test_a_full_window_is_cut_at_the_bar_line_nearest_to_half() -> None:
    piece = fill(21, 9, 21, 13)
    assert piece.window == [BOS, *bars_of(21, 13)]
    assert piece.num_tokens == CONTEXT


def test_a_bar_too_long_is_cut_in_two() -> None:
    piece = fill(3, 61)
    assert len(piece.window) == CONTEXT // 2 + 1
    assert piece.window == [BOS, *bars_of(3, 61)[-CONTEXT // 2 :]]


def test_the_newest_bar_line_alone_is_not_enough_to_keep() -> None:
    piece = fill(61, 3)
    assert len(piece.window) == CONTEXT // 2 + 1


def test_a_prompt_longer_than_the_context_is_cut_likewise() -> None:
    prompt = tuple(bars_of(*[9] * 30))
    piece = begin(replace(REQUEST, prompt=prompt))
    assert CONTEXT // 4 <= len(piece.window) <= CONTEXT
    assert piece.window[:2] == [BOS, BAR]
    assert piece.window[1:] == list(prompt[-len(piece.window) + 1 :])


def test_a_leaning_is_that_of_the_bar_that_a_token_belongs_to() -> None:
    first, second = torch.full((64,), 1.0), torch.full((64,), 2.0)
    piece = begin(replace(REQUEST, leanings=(first, second)))
    assert piece.leaning is first, "whatever comes opens the first bar"
    write(piece, BAR, A)
    here = piece.leaning
    assert here is not None
    assert piece.leaning is here, "made once a bar"
    assert [float(here[token]) for token in (A, B, EOS, BAR, BAR + 1)] == [1, 1, 1, 2, 2]
    write(piece, B, BAR)
    assert piece.leaning is second
    assert begin().leaning is None


def test_the_head_is_seen_first_whatever_is_cut() -> None:
    head = (BOS, *[EOS] * 9)
    piece = begin(replace(REQUEST, head=head, bars=60))
    for _ in range(30):
        write(piece, BAR, A, B)
        assert piece.window[: len(head)] == list(head)
        assert len(piece.window) <= CONTEXT
        assert piece.window[len(head)] in (BAR, A, B)
    assert piece.num_tokens == 90
