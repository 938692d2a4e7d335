"""The processes that train one model together: who does what, and what they tell one another.

Each takes every so-manieth row of a step's batch, and gradients are added up, so that all move as
one process would that had the whole batch. `torchrun` starts them. Refuses to know networks and
music.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Self

import torch
import torch.distributed as dist
from torch import Tensor, nn

PATIENCE = timedelta(hours=1)
"""The others wait so long while the first one reads music or examines the model."""


class Group:
    """This process among its peers; by itself it has none, and nothing here does anything."""

    def __init__(self, rank: int = 0, size: int = 1) -> None:
        self.rank = rank
        self.size = size

    @classmethod
    def join(cls) -> Self:
        """Meet the peers that torchrun started; alone if it started nobody."""
        if not dist.is_torchelastic_launched():
            return cls()
        dist.init_process_group("gloo", timeout=PATIENCE)
        return cls(dist.get_rank(), dist.get_world_size())

    @property
    def leads(self) -> bool:
        """The first one examines, saves, and speaks for all."""
        return self.rank == 0

    def share(self, rows: Tensor) -> Tensor:
        """This process's rows of [B, T]."""
        return rows[self.rank :: self.size]

    def weigh(self, loss: Tensor, scored: Tensor) -> Tensor:
        """A mean over this process's scored tokens as its part of the mean over everybody's."""
        if self.size == 1:
            return loss
        everybody = scored.sum().float()
        part = everybody.clone()
        dist.all_reduce(everybody)
        return loss * (part / everybody)

    def add_up(self, loss: Tensor, parameters: Iterable[nn.Parameter]) -> float:
        """The whole batch's loss; every gradient becomes the whole batch's too."""
        if self.size == 1:
            return loss.item()
        gradients = [weight.grad for weight in parameters if weight.grad is not None]
        flat = torch.cat([loss.detach().reshape(1), *(each.flatten() for each in gradients)])
        dist.all_reduce(flat)
        parts = torch.split(flat[1:], [each.numel() for each in gradients])
        for gradient, part in zip(gradients, parts, strict=True):
            gradient.copy_(part.view_as(gradient))
        return flat[0].item()

    def agree(self, value: float) -> float:
        """What the first one says."""
        if self.size == 1:
            return value
        said = torch.tensor(value, dtype=torch.float64)
        dist.broadcast(said, src=0)
        return said.item()

    def any(self, *, said: bool) -> bool:
        """Whether one of them says so."""
        if self.size == 1:
            return said
        heard = torch.tensor(float(said))
        dist.all_reduce(heard)
        return heard.item() > 0

    def wait(self) -> None:
        """Until all have come so far."""
        if self.size > 1:
            dist.barrier()

    def leave(self) -> None:
        """The end."""
        if self.size > 1:
            dist.destroy_process_group()
