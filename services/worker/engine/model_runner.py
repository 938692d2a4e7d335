"""Runs one model on its device: batched forward passes and sampling.

A step is one forward pass over the newest token of every decoding sequence and over chunks of the
prompts that are not prefilled yet (chunked prefill). Shapes: B sequences, V tokens.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from shared.models.decoding import PREFILL_CHUNK, DecodingState
from shared.models.grammar import Grammar, GrammarMask
from shared.models.inference_model import InferenceModel
from shared.models.sampling import add_logit_bias, sample
from shared.models.sampling_params import BatchSamplingParams, GenerationSpec

MAX_PREFILL_TOKENS = 2 * PREFILL_CHUNK
"""Largest number of prompt tokens in one step; bounds the latency of decoding sequences."""

SlotAssignment = tuple[int, DecodingState]
"""The slot and the decoding state of one sequence."""


class ModelRunner:
    """A model with `max_num_seqs` slots, one for each sequence in the batch."""

    def __init__(self, model: InferenceModel, grammar: Grammar, max_num_seqs: int = 64) -> None:
        self.max_num_seqs = max_num_seqs
        self.model = model
        self._grammar = grammar
        self._grammar_mask = GrammarMask(grammar, model.device)
        self._state = model.init_state(max_num_seqs)

    def init_decoding(self, spec: GenerationSpec) -> DecodingState:
        """The initial decoding state; ValueError if the prefix, prompt or bars are invalid."""
        return DecodingState(spec, self._grammar, self.model.context)

    def move(self, source: int, target: int) -> None:
        """Move a sequence to another slot."""
        self._state.move(source, target)

    @torch.inference_mode()
    def step(self, assignments: Sequence[SlotAssignment]) -> list[int | None]:
        """The next token of each sequence; None where the prompt is not prefilled yet."""
        scheduled = _apply_token_budget(assignments)
        logits = self._forward(scheduled)
        ready = [index for index, (_, decoding) in enumerate(scheduled) if decoding.is_last_chunk]
        tokens = (
            self._sample(logits[ready], [scheduled[index][1] for index in ready]) if ready else []
        )
        sampled = {scheduled[index][0]: token for index, token in zip(ready, tokens, strict=True)}
        for _, decoding in scheduled:
            decoding.mark_computed()
        return [sampled.get(slot) for slot, _ in assignments]

    def _forward(self, scheduled: Sequence[SlotAssignment]) -> Tensor:
        """Logits [B, V] at the last pending token of each sequence."""
        slots: list[int] = []
        tokens: list[int] = []
        positions: list[int] = []
        last = []
        for slot, decoding in scheduled:
            pending = decoding.pending
            slots += [slot] * len(pending)
            tokens += decoding.context_window[pending.start : pending.stop]
            positions += pending
            last.append(len(slots) - 1)
        columns = (torch.tensor(column) for column in (slots, tokens, positions))
        logits = self._state.forward(*columns)
        return logits if len(last) == len(slots) else logits[last]

    def _sample(self, logits: Tensor, batch: Sequence[DecodingState]) -> list[int]:
        states = torch.tensor([decoding.state for decoding in batch])
        phases = torch.tensor([decoding.phase for decoding in batch])
        positions = torch.tensor([decoding.position for decoding in batch]).to(self.model.device)
        params = BatchSamplingParams.from_specs([state.spec for state in batch], self.model.device)
        biased = add_logit_bias(logits, [decoding.logit_bias for decoding in batch])
        return sample(self._grammar_mask.apply(biased, states, phases), params, positions).tolist()


def _apply_token_budget(assignments: Sequence[SlotAssignment]) -> list[SlotAssignment]:
    """All decoding sequences, and prompt chunks in order of slot while the budget lasts."""
    budget, scheduled = MAX_PREFILL_TOKENS, []
    for slot, decoding in assignments:
        length = len(decoding.pending)
        if length == 1 or length <= budget:
            scheduled.append((slot, decoding))
            budget -= length if length > 1 else 0
    return scheduled
