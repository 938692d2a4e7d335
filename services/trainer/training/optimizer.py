"""How weights move: Muon on the matrices inside a decoder's layers, AdamW on everything else.

Refuses to know steps, losses and clocks: it is told how much of the run is over.
"""

from typing import Any

from torch import nn
from torch.optim import AdamW

from services.trainer.recipes.recipes import Optimization
from services.trainer.training.muon import Muon


class Optimizer:
    """The optimisers that a network needs behind one face, with clipping and a schedule."""

    def __init__(self, model: nn.Module, config: Optimization) -> None:
        """Every parameter goes to exactly one of the two."""
        named = list(model.named_parameters())
        is_muon = config.matrices == "muon"
        matrices = [weight for name, weight in named if is_muon and name.endswith("proj.weight")]
        others = [weight for _, weight in named if all(weight is not each for each in matrices)]
        self._config = config
        self._parameters = matrices + others
        decay = 0.0 if matrices else config.weight_decay  # on matrices alone, where Muon has them
        self._parts: dict[str, Muon | AdamW] = {
            "adamw": AdamW(others, betas=(0.9, 0.95), weight_decay=decay, fused=True)
        }
        if matrices:
            self._parts["muon"] = Muon(matrices, config.weight_decay)

    def step(self, spent: float) -> None:
        """Move once and forget the gradients; `spent` is the share of the budget that is over."""
        nn.utils.clip_grad_norm_(self._parameters, self._config.clip)
        rate = self._config.learning_rate * schedule(spent, self._config)
        for part in self._parts.values():
            for group in part.param_groups:
                group["lr"] = rate
            part.step()
            part.zero_grad()

    def state_dict(self) -> dict[str, Any]:
        """Everything that the next step depends on."""
        return {name: part.state_dict() for name, part in self._parts.items()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on where `state_dict` was taken."""
        for name, part in self._parts.items():
            part.load_state_dict(state[name])


def schedule(spent: float, config: Optimization) -> float:
    """The share of the learning rate: a line up, a plain, and a line down to nothing.

    Warm-up, stable, decay (Hu et al. 2024, arXiv:2404.06395): a run can be given more time while it
    is on the plain, and only the decay is done again.
    """
    left = max(0.0, 1 - spent)
    return min(1.0, spent / config.warmup, left / config.decay)
