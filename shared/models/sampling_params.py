"""What to generate for one sequence, and the sampling parameters of a batch."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import torch
from torch import Tensor

GapPrompt: TypeAlias = tuple[tuple[int, ...], tuple[int, ...]]
"""The model input for a gap: `pinned_prefix` and `prompt`, as in `GenerationSpec`."""


class Gap(Protocol):
    """Consecutive bars that a sequence generates after those of earlier gaps."""

    @property
    def bars(self) -> int:
        """Number of bars to generate."""

    def prompt(self, generated: Sequence[int]) -> GapPrompt:
        """The prompt, from the tokens that the sequence has generated for the earlier gaps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationSpec:
    """One sequence to generate: its prompt, its length, and how its tokens are sampled."""

    pinned_prefix: tuple[int, ...]
    """BOS, then context that is not music of this sequence; never truncated."""
    prompt: tuple[int, ...] = ()
    """Tokens of the music to continue; empty for a new melody."""
    bars: int
    """Bars to generate after the prompt."""
    later_gaps: Sequence[Gap] = ()
    """What the same sequence generates after these bars, each gap with a prompt of its own."""
    seed: int
    """0 to 2**53 - 1; together with the model and the other fields, it determines every token."""
    temperature: float = 1.0
    """Divisor of the logits; 0 takes the most likely token (greedy)."""
    top_k: int = 0
    """Number of most likely tokens to keep; 0 keeps all."""
    top_p: float = 1.0
    """Probability that the kept tokens reach together; 1 keeps all."""
    min_p: float = 0.0
    """Least probability to keep, relative to the most likely token; 0 keeps all."""
    logit_biases: tuple[Tensor, ...] = ()
    """A float32 [V] for each bar of all gaps, added to the logits of its tokens; empty for none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchSamplingParams:
    """The sampling parameters of each row of a batch: [B], float64 except `seed` and `top_k`."""

    seed: Tensor
    temperature: Tensor
    top_k: Tensor
    top_p: Tensor
    log_min_p: Tensor

    @classmethod
    def from_specs(
        cls, specs: Sequence[GenerationSpec], device: torch.device
    ) -> "BatchSamplingParams":
        """The parameters of these specs, one row each."""

        def column(values: Sequence[float], dtype: torch.dtype) -> Tensor:
            return torch.tensor(values, dtype=dtype).to(device)

        return cls(
            seed=column([spec.seed for spec in specs], torch.int64),
            temperature=column([spec.temperature for spec in specs], torch.float64),
            top_k=column([spec.top_k for spec in specs], torch.int64),
            top_p=column([spec.top_p for spec in specs], torch.float64),
            log_min_p=column([_log(spec.min_p) for spec in specs], torch.float64),
        )


def _log(probability: float) -> float:
    return math.log(probability) if probability > 0 else -math.inf
