"""How each row of a batch draws its next token, as columns.

Refuses to know what is drawn from.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from shared.models.sampling_params import SampleRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Knobs:
    """How each row draws; every field is [B], in float64 but for `seed` and `top_k`."""

    seed: Tensor
    temperature: Tensor
    top_k: Tensor
    top_p: Tensor
    log_min_p: Tensor

    @classmethod
    def of(cls, requests: Sequence[SampleRequest], device: torch.device) -> "Knobs":
        """The knobs of these requests, a row each."""

        def column(values: Sequence[float], dtype: torch.dtype) -> Tensor:
            return torch.tensor(values, dtype=dtype).to(device)

        return cls(
            seed=column([request.seed for request in requests], torch.int64),
            temperature=column([request.temperature for request in requests], torch.float64),
            top_k=column([request.top_k for request in requests], torch.int64),
            top_p=column([request.top_p for request in requests], torch.float64),
            log_min_p=column([_log(request.min_p) for request in requests], torch.float64),
        )


def _log(share: float) -> float:
    return math.log(share) if share > 0 else -math.inf
