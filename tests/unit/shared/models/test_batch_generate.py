"""A batch has the tokens of the reference loop."""

from shared.models.batch_generate import generate_batch
from tests.unit.services.worker.engine.engine_fixture import (
    GRAMMAR,
    MODEL,
    make_spec,
    reference_tokens,
)
from tests.unit.shared.models.tiny_models import BAR, WORDS_A, WORDS_B

PROMPT = (BAR, WORDS_A[1], WORDS_B[2]) * 30


def test_every_sequence_equals_the_reference_tokens() -> None:
    specs = [make_spec(seed, bars=1 + seed % 6) for seed in range(12)]
    specs += [make_spec(seed, bars=20, prompt=PROMPT) for seed in (12, 13)]
    found = generate_batch(MODEL, GRAMMAR, specs)
    assert found == [reference_tokens(spec) for spec in specs]
