"""The reference loop: one sequence, one token at a time, without batching.

Slow and simple; the engine must generate the same tokens.
"""

from collections.abc import Iterator

import torch

from shared.models.decoding import DecodingState
from shared.models.grammar import Grammar, GrammarMask
from shared.models.inference_model import InferenceModel, InferenceState
from shared.models.sampling import add_logit_bias, sample
from shared.models.sampling_params import BatchSamplingParams, GenerationSpec


def generate(model: InferenceModel, grammar: Grammar, spec: GenerationSpec) -> Iterator[int]:
    """Generate one sequence: its tokens, without prompts and without the tokens that end gaps."""
    sequence = DecodingState(spec, grammar, model.context)
    mask = GrammarMask(grammar, model.device)
    params = BatchSamplingParams.from_specs([spec], model.device)
    state = model.init_state(1)
    while True:
        logits = add_logit_bias(_next_logits(state, sequence), [sequence.logit_bias])
        logits = mask.apply(logits, _one(sequence.state), _one(sequence.phase))
        token = int(sample(logits, params, _one(sequence.position).to(model.device)))
        if sequence.accept(token):
            yield token
        if sequence.finished:
            return


def _next_logits(state: InferenceState, sequence: DecodingState) -> torch.Tensor:
    """Compute all pending tokens; returns the logits [1, V] of the next token."""
    while True:
        pending, is_last = sequence.pending, sequence.is_last_chunk
        tokens = torch.tensor(sequence.context_window[pending.start : pending.stop])
        logits = state.forward(torch.zeros_like(tokens), tokens, torch.tensor(pending))
        sequence.mark_computed()
        if is_last:
            return logits[-1:]


def _one(value: int) -> torch.Tensor:
    return torch.tensor([value])
