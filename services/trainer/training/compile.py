"""A decoder's steps as fused loops, where that pays: `torch.compile`, which saves a tenth of each.

It takes half a minute and a C++ compiler, so what is small or short does without; what is learnt
differs by rounding alone. Refuses to know losses and optimisers.
"""

import logging
import shutil
from collections.abc import Callable
from typing import TypeAlias

import torch
from torch import Tensor

from shared.models.checkpoints import Network
from shared.models.decoder import Decoder
from shared.models.native.build import COMPILER

log = logging.getLogger(__name__)

LARGE = 10_000_000
"""Weights: below, little is saved."""
LONG_STEPS, LONG_MINUTES = 500, 15.0
"""A budget that is smaller would go into compiling."""

Forward: TypeAlias = Callable[[Tensor], Tensor]
"""Ids [B, T] to logits [B, T, V]."""


def quickest(network: Network, steps: int, minutes: float | None) -> Forward:
    """The network as a run of this budget calls it; it is compiled when it is first called."""
    is_long = steps >= LONG_STEPS if minutes is None else minutes >= LONG_MINUTES
    if not (is_long and is_large(network)):
        return network
    if shutil.which(COMPILER) is None:
        log.warning("There is no %s: each step takes a tenth longer.", COMPILER)
        return network
    log.info("The first step takes half a minute longer: it is compiled.")
    return fused(network)


def is_large(network: Network) -> bool:
    """Whether enough is saved in a step; an LSTM is fused loops already."""
    return isinstance(network, Decoder) and sum(map(torch.numel, network.parameters())) >= LARGE


def fused(network: Network) -> Forward:
    """The network, sharing its weights; where compiling fails, torch says so and does without."""
    torch._dynamo.config.suppress_errors = True  # noqa: SLF001 - as torch documents it
    # A pool of compilers would outlive a trainer that is killed; so does only the g++ of a moment
    compiled: Forward = torch.compile(network, options={"compile_threads": 1})
    return compiled
