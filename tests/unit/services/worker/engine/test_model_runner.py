"""Chunked prefill beside decoding, and sequences that move to another slot."""

from dataclasses import replace
from itertools import pairwise

from services.worker.engine.model_runner import MAX_PREFILL_TOKENS
from shared.models.decoding import PREFILL_CHUNK
from tests.unit.services.worker.engine.engine_fixture import (
    make_runner,
    make_spec,
    reference_tokens,
)
from tests.unit.shared.models.tiny_models import BAR, CONFIG, WORDS_A, WORDS_B, tiny_model

LONG_PROMPT = (BAR, *(WORDS_A[0], WORDS_B[0]) * 4) * 20


def test_a_sequence_that_moves_to_another_slot_keeps_its_tokens() -> None:
    runner = make_runner(max_num_seqs=3)
    batch = [runner.init_decoding(make_spec(seed, bars=4)) for seed in (1, 2, 3)]
    tokens: dict[int, list[int]] = {1: [], 2: [], 3: []}
    steps = 0
    while not any(decoding.finished for decoding in batch):
        for decoding, token in zip(batch, runner.step([*enumerate(batch)]), strict=True):
            assert token is not None
            decoding.accept(token)
            tokens[decoding.spec.seed] += [token] * (not decoding.finished)
        steps += 1
        if steps == 5:
            runner.move(2, 0)
            batch = [batch[2], batch[1]]
    for seed in (2, 3):
        assert tokens[seed] == reference_tokens(make_spec(seed, bars=4))[: len(tokens[seed])]
        assert len(tokens[seed]) > 10


def test_prompts_are_prefilled_in_chunks_within_the_token_budget_beside_decoding() -> None:
    runner = make_runner(max_num_seqs=5, model=tiny_model(replace(CONFIG, context=256)))
    prompts = [runner.init_decoding(make_spec(seed, prompt=LONG_PROMPT)) for seed in range(4)]
    decoding = runner.init_decoding(make_spec(9, bars=9))
    computed = [[0] * 4]
    while any(prompt.pending for prompt in prompts):
        token = runner.step([*enumerate(prompts), (4, decoding)])[4]
        assert token is not None, "a decoding sequence does not wait for prompts"
        decoding.accept(token)
        computed.append([prompt.pending.start for prompt in prompts])
    lengths = [len(prompt.context_window) for prompt in prompts]
    for step in computed:
        for position, length in zip(step, lengths, strict=True):
            assert position % PREFILL_CHUNK == 0 or position == length
    sums = [sum(step) for step in computed]
    prefilled = [after - before for before, after in pairwise(sums)]
    assert max(prefilled) == MAX_PREFILL_TOKENS
    assert decoding.position == len(prefilled)
