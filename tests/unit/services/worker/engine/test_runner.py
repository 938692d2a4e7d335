"""Tensors: prompts are taken in beside what is written, and pieces that move go on as before."""

from dataclasses import replace

from services.worker.engine.model_runner import PROMPT_TOKENS
from shared.models.decoding import CHUNK
from tests.unit.services.worker.engine.rig import oracle, runner, sample
from tests.unit.shared.models.toys import BAR, CONFIG, WORDS_A, WORDS_B, toy_model

LONG = (BAR, *(WORDS_A[0], WORDS_B[0]) * 4) * 20


def test_a_piece_goes_on_in_another_row() -> None:
    made = runner(slots=3)
    pieces = [made.begin(sample(seed, bars=4)) for seed in (1, 2, 3)]
    written: dict[int, list[int]] = {1: [], 2: [], 3: []}
    steps = 0
    while not any(piece.finished for piece in pieces):
        for piece, token in zip(pieces, made.step([*enumerate(pieces)]), strict=True):
            assert token is not None
            piece.accept(token)
            written[piece.request.seed] += [token] * (not piece.finished)
        steps += 1
        if steps == 5:
            made.move(2, 0)
            pieces = [pieces[2], pieces[1]]
    for seed in (2, 3):
        assert written[seed] == oracle(sample(seed, bars=4))[: len(written[seed])]
        assert len(written[seed]) > 10


def test_prompts_are_taken_in_by_chunks_beside_what_is_written_and_within_a_budget() -> None:
    made = runner(slots=5, model=toy_model(replace(CONFIG, context=256)))
    prompts = [made.begin(sample(seed, prompt=LONG)) for seed in range(4)]
    writer = made.begin(sample(9, bars=9))
    placed = [*enumerate(prompts), (4, writer)]
    seen: list[list[int]] = []
    while any(piece.unseen for piece in prompts):
        token = made.step(placed)[4]
        assert token is not None, "whoever writes does not wait for prompts"
        writer.accept(token)
        seen.append([piece.unseen.start for piece in prompts])
    windows = [len(piece.window) for piece in prompts]
    ends = [zip(windows, step, strict=True) for step in seen]
    assert all(start % CHUNK == 0 or start == length for step in ends for length, start in step)
    before = [[0] * 4, *seen]
    taken = [sum(b) - sum(a) for a, b in zip(before, seen, strict=False)]
    assert max(taken) == PROMPT_TOKENS
    assert writer.num_tokens == len(seen)
