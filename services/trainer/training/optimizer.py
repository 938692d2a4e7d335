"""Muon for the matrices inside a decoder's layers, AdamW for all other parameters."""

from typing import Any

from torch import nn
from torch.optim import AdamW
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from services.trainer.recipes.recipe import Optimization
from services.trainer.training.muon import Muon


class MuonAdamW:
    """Muon and AdamW as one optimizer, with gradient clipping and a learning-rate schedule."""

    def __init__(self, model: nn.Module, config: Optimization) -> None:
        """Assign every parameter to exactly one of the two optimizers."""
        named = list(model.named_parameters())
        is_muon = config.matrix_optimizer == "muon"
        matrices = [weight for name, weight in named if is_muon and name.endswith("proj.weight")]
        others = [weight for _, weight in named if all(weight is not matrix for matrix in matrices)]
        self._config = config
        self._parameters = matrices + others
        decay = 0.0 if matrices else config.weight_decay  # with Muon, only matrices decay
        self._optimizers: dict[str, Muon | AdamW] = {
            "adamw": AdamW(others, betas=(0.9, 0.95), weight_decay=decay, fused=True)
        }
        if matrices:
            self._optimizers["muon"] = Muon(matrices, config.weight_decay)

    def step(self, progress: float) -> None:
        """Update the parameters at a share of the budget, `progress`, and clear the gradients."""
        nn.utils.clip_grad_norm_(self._parameters, self._config.max_grad_norm)
        learning_rate = self._config.learning_rate * wsd_schedule(progress, self._config)
        for optimizer in self._optimizers.values():
            for group in optimizer.param_groups:
                group["lr"] = learning_rate
            optimizer.step()
            optimizer.zero_grad()

    def state_dict(self) -> dict[str, Any]:
        """The states of both optimizers by name."""
        return {name: optimizer.state_dict() for name, optimizer in self._optimizers.items()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Load states that `state_dict` returned."""
        for name, optimizer in self._optimizers.items():
            optimizer.load_state_dict(state[name])


def moving_average(model: nn.Module, decay: float) -> AveragedModel | None:
    """An exponential moving average of the weights, which begins with those of the first step."""
    if not decay:
        return None
    update = get_ema_multi_avg_fn(decay)  # type: ignore[no-untyped-call]
    return AveragedModel(model, multi_avg_fn=update)


def wsd_schedule(progress: float, config: Optimization) -> float:
    """The factor on the peak learning rate: linear warmup, stable phase, linear decay to 0.

    Warmup-stable-decay (Hu et al. 2024, arXiv:2404.06395): a run in the stable phase can be given a
    larger budget, and only the decay is repeated. A phase whose share is 0 is left out.
    """
    factor = 1.0
    if config.warmup_ratio:
        factor = min(factor, progress / config.warmup_ratio)
    if config.decay_ratio:
        factor = min(factor, max(0.0, 1 - progress) / config.decay_ratio)
    return factor
