"""Tensors: pieces that move from row to row go on as if nothing had happened."""

from tests.unit.services.worker.engine.rig import oracle, runner, sample


def test_a_piece_goes_on_in_another_row() -> None:
    made = runner(slots=3)
    pieces = [made.begin(sample(seed, bars=4)) for seed in (1, 2, 3)]
    written: dict[int, list[int]] = {1: [], 2: [], 3: []}
    steps = 0
    while pieces:
        for row, piece in enumerate(pieces):
            made.prefill(row, piece)
        for piece, token in zip(pieces, made.step(pieces), strict=True):
            piece.accept(token)
            written[piece.request.seed] += [token] * (not piece.finished)
        steps += 1
        if steps == 5:
            made.move(2, 0)
            pieces = [pieces[2], pieces[1]]
        if any(piece.finished for piece in pieces):
            break
    for seed in (2, 3):
        assert written[seed] == oracle(sample(seed, bars=4))[: len(written[seed])]
        assert len(written[seed]) > 10
