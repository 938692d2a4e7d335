"""Data-parallel training: the processes that `torchrun` starts for one model.

Each process computes the gradients of its rows of a step's batch, and the gradients are summed. All
processes thus take the same step as a single process with the whole batch.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Self

import torch
import torch.distributed as dist
from torch import Tensor, nn

from services.trainer.evaluation.precision import CPU

TIMEOUT = timedelta(hours=1)
"""Time that processes wait for the main process, which prepares data and validates."""


class ProcessGroup:
    """The processes of a run; in a single process, every method has no effect."""

    def __init__(self, rank: int = 0, world_size: int = 1, device: torch.device = CPU) -> None:
        self.rank = rank
        self.world_size = world_size
        self.device = device
        """The device of this process."""

    @classmethod
    def join(cls, device_type: str) -> Self:
        """Join the processes that torchrun started; without torchrun, a group of one.

        On GPUs, gradients are summed by NCCL; numbers in the memory of the CPU always by gloo.
        """
        if not dist.is_torchelastic_launched():
            return cls(device=torch.device(device_type))
        backend = "cpu:gloo,cuda:nccl" if device_type == "cuda" else "gloo"
        dist.init_process_group(backend, timeout=TIMEOUT)
        device = torch.device(device_type)
        if device_type == "cuda":  # each process of a machine has one of its GPUs
            device = torch.device(device_type, dist.get_node_local_rank(fallback_rank=0))
        return cls(dist.get_rank(), dist.get_world_size(), device)

    @property
    def is_main(self) -> bool:
        """Whether this process validates, writes checkpoints and prints."""
        return self.rank == 0

    def local_rows(self, rows: Tensor) -> Tensor:
        """This process's rows of [B, T]."""
        return rows[self.rank :: self.world_size]

    def scale_loss(self, loss: Tensor, scored: Tensor) -> Tensor:
        """Scale the mean over this process's scored tokens to its part of the global mean."""
        if self.world_size == 1:
            return loss
        total = scored.sum().float()
        part = total.clone()
        dist.all_reduce(total)
        return loss * (part / total)

    def all_reduce_gradients(self, loss: Tensor, parameters: Iterable[nn.Parameter]) -> float:
        """Sum the gradients of all processes in place; returns the loss of the whole batch."""
        if self.world_size == 1:
            return loss.item()
        gradients = [weight.grad for weight in parameters if weight.grad is not None]
        flat = torch.cat([loss.detach().reshape(1), *map(torch.flatten, gradients)])
        dist.all_reduce(flat)
        parts = torch.split(flat[1:], list(map(torch.numel, gradients)))
        for gradient, part in zip(gradients, parts, strict=True):
            gradient.copy_(part.view_as(gradient))
        return flat[0].item()

    def broadcast_from_main(self, value: float) -> float:
        """The main process's value."""
        if self.world_size == 1:
            return value
        tensor = torch.tensor(value, dtype=torch.float64)
        dist.broadcast(tensor, src=0)
        return tensor.item()

    def any_rank(self, *, flag: bool) -> bool:
        """Whether the flag is set in any process."""
        if self.world_size == 1:
            return flag
        count = torch.tensor(float(flag))
        dist.all_reduce(count)
        return count.item() > 0

    def barrier(self) -> None:
        """Wait until all processes have called this."""
        if self.world_size > 1:
            dist.barrier()

    def close(self) -> None:
        """Leave the group."""
        if self.world_size > 1:
            dist.destroy_process_group()
