"""Generates many sequences in one batch, from start to end, without an engine.

For measurements: nothing joins or is cancelled, and a slot stays empty once its sequence has ended.
The tokens are those of the reference loop in `generate.py`.
"""

from collections.abc import Sequence

import torch

from shared.models.decoding import DecodingState
from shared.models.grammar import Grammar, GrammarMask
from shared.models.inference_model import InferenceModel, InferenceState
from shared.models.sampling import add_logit_bias, sample
from shared.models.sampling_params import BatchSamplingParams, GenerationSpec

Running = list[tuple[int, DecodingState]]
"""The sequences that have not ended, with their slots."""


@torch.inference_mode()
def generate_batch(
    model: InferenceModel, grammar: Grammar, specs: Sequence[GenerationSpec]
) -> list[list[int]]:
    """The tokens of each sequence, without prompts and without the tokens that end gaps."""
    mask, state = GrammarMask(grammar, model.device), model.init_state(len(specs))
    running = [
        (slot, DecodingState(spec, grammar, model.context)) for slot, spec in enumerate(specs)
    ]
    tokens: list[list[int]] = [[] for _ in specs]
    while running:
        for (slot, decoding), token in _step(model, state, mask, running):
            if decoding.accept(token):
                tokens[slot].append(token)
        running = [entry for entry in running if not entry[1].finished]
    return tokens


def _step(
    model: InferenceModel, state: InferenceState, mask: GrammarMask, running: Running
) -> list[tuple[tuple[int, DecodingState], int]]:
    """Compute the pending tokens of all sequences; the next tokens of those that are prefilled."""
    slots: list[int] = []
    tokens: list[int] = []
    positions: list[int] = []
    last = []
    for slot, decoding in running:
        pending = decoding.pending
        slots += [slot] * len(pending)
        tokens += decoding.context_window[pending.start : pending.stop]
        positions += pending
        last.append(len(slots) - 1)
    logits = state.forward(*(torch.tensor(column) for column in (slots, tokens, positions)))[last]
    ready = [index for index, (_, decoding) in enumerate(running) if decoding.is_last_chunk]
    for _, decoding in running:
        decoding.mark_computed()
    if not ready:
        return []
    batch = [running[index][1] for index in ready]
    biased = add_logit_bias(logits[ready], [decoding.logit_bias for decoding in batch])
    masked = mask.apply(
        biased,
        torch.tensor([decoding.state for decoding in batch]),
        torch.tensor([decoding.phase for decoding in batch]),
    )
    params = BatchSamplingParams.from_specs([decoding.spec for decoding in batch], model.device)
    noise_positions = torch.tensor([decoding.position for decoding in batch]).to(model.device)
    sampled = sample(masked, params, noise_positions).tolist()
    return [(running[index], token) for index, token in zip(ready, sampled, strict=True)]
