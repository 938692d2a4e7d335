"""Tensors: rows with gaps between them."""

from tests.unit.services.worker.engine.rig import oracle, runner, sample


def test_pieces_may_sit_in_any_slots() -> None:
    made = runner(slots=8)
    seeds = {6: 1, 0: 2, 3: 3}
    pieces = {slot: made.begin(sample(seed)) for slot, seed in seeds.items()}
    written: dict[int, list[int]] = {slot: [] for slot in pieces}
    while alive := {slot: piece for slot, piece in pieces.items() if not piece.finished}:
        for slot, piece in alive.items():
            made.prefill(slot, piece)
        for slot, token in made.step(alive).items():
            alive[slot].accept(token)
            written[slot] += [token] * (not alive[slot].finished)
    assert written == {slot: oracle(sample(seed)) for slot, seed in seeds.items()}
