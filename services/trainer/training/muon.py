"""Muon (Jordan et al. 2024): orthogonalized momentum.

Source: https://kellerjordan.github.io/posts/muon/

torch's own Muon always computes in bf16, which takes minutes per step on a CPU without bf16 units.
This one computes in the machine's fast data type. The update is scaled as in Liu et al. 2025
(arXiv:2502.16982), so that Muon and AdamW share one learning rate.
"""

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from shared.models.numerics import compute_dtype

MOMENTUM = 0.95
ITERATIONS = 5
COEFFICIENTS = (3.4445, -4.7750, 2.0315)
ADAMW_UPDATE_RMS = 0.2


class Muon(torch.optim.Optimizer):
    """An optimizer of matrices."""

    def __init__(self, matrices: Iterable[nn.Parameter], weight_decay: float) -> None:
        super().__init__(matrices, {"lr": 0.0, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self) -> None:  # type: ignore[override]  # takes no closure
        """Update every matrix."""
        for group in self.param_groups:
            for weight in group["params"]:
                self._update(weight, group["lr"], group["weight_decay"])

    def _update(self, weight: nn.Parameter, learning_rate: float, weight_decay: float) -> None:
        assert weight.grad is not None  # noqa: S101 - every matrix has a gradient at every step
        state = self.state[weight]
        momentum = state.setdefault("momentum", torch.zeros_like(weight))
        momentum.lerp_(weight.grad, 1 - MOMENTUM)
        direction = orthogonalize(weight.grad.lerp(momentum, MOMENTUM))
        weight.mul_(1 - learning_rate * weight_decay)
        weight.add_(direction, alpha=-learning_rate * ADAMW_UPDATE_RMS * max(weight.shape) ** 0.5)


def orthogonalize(matrix: Tensor) -> Tensor:
    """Approximate the nearest orthogonal matrix to [m, n] with five Newton-Schulz steps.

    The resulting singular values are between 0.7 and 1.2.
    """
    a, b, c = COEFFICIENTS
    x: Tensor = matrix.to(compute_dtype(matrix.device), copy=True)
    is_tall = len(x) > x.shape[1]
    x = x.T if is_tall else x
    x /= x.norm() + 1e-7
    for _ in range(ITERATIONS):
        gram = x @ x.T
        x = torch.addmm(x, torch.addmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    return (x.T if is_tall else x).to(matrix.dtype)
