"""Muon (Jordan et al. 2024, https://kellerjordan.github.io/posts/muon/): momentum, orthogonalised.

torch's own works in bf16 whatever the machine, which takes minutes a step on a processor without
units for it; this one works in the machine's number format. The scale is that of Liu et al. 2025
(arXiv:2502.16982), under which Muon and AdamW share one learning rate. Refuses to know schedules.
"""

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from shared.models.numerics import number_format

MOMENTUM = 0.95
ITERATIONS = 5
COEFFICIENTS = (3.4445, -4.7750, 2.0315)
RMS_OF_ADAMW = 0.2


class Muon(torch.optim.Optimizer):
    """For matrices only."""

    def __init__(self, matrices: Iterable[nn.Parameter], weight_decay: float) -> None:
        super().__init__(matrices, {"lr": 0.0, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self) -> None:  # type: ignore[override]  # nobody passes a closure
        """Move every matrix that has a gradient."""
        for group in self.param_groups:
            for weight in group["params"]:
                self._move(weight, group["lr"], group["weight_decay"])

    def _move(self, weight: nn.Parameter, rate: float, weight_decay: float) -> None:
        assert weight.grad is not None  # noqa: S101 - every matrix takes part in every step
        state = self.state[weight]
        momentum = state.setdefault("momentum", torch.zeros_like(weight))
        momentum.lerp_(weight.grad, 1 - MOMENTUM)
        direction = orthogonalise(weight.grad.lerp(momentum, MOMENTUM))
        weight.mul_(1 - rate * weight_decay)
        weight.add_(direction, alpha=-rate * RMS_OF_ADAMW * max(weight.shape) ** 0.5)


def orthogonalise(matrix: Tensor) -> Tensor:
    """About the nearest orthogonal matrix to [m, n], by five steps of a Newton-Schulz iteration.

    Its singular values end between 0.7 and 1.2, whatever they were.
    """
    a, b, c = COEFFICIENTS
    x: Tensor = matrix.to(number_format(matrix.device), copy=True)
    is_tall = len(x) > x.shape[1]
    x = x.T if is_tall else x
    x /= x.norm() + 1e-7
    for _ in range(ITERATIONS):
        gram = x @ x.T
        x = torch.addmm(x, torch.addmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    return (x.T if is_tall else x).to(matrix.dtype)
