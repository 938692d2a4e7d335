"""`torch.compile` for large networks: a tenth less time per step.

Compilation takes half a minute and needs a C++ compiler, so small networks and short runs are not
compiled. Compiled and eager runs differ by rounding only.
"""

import logging
import shutil
from collections.abc import Callable
from typing import Any, TypeAlias

import torch
from torch import Tensor

from shared.models.checkpoints import Network
from shared.models.decoder import Decoder
from shared.models.native.build import COMPILER

log = logging.getLogger(__name__)

MIN_PARAMETERS = 10_000_000
"""Decoders with fewer parameters gain little."""
MIN_STEPS, MIN_MINUTES = 500, 15.0
"""Runs with fewer steps or minutes gain less time than compilation takes."""
SIMD_BITS = {"DEFAULT": 1, "AVX2": 256}
"""Widths of vectors by the instruction set of torch's kernels; for others the compiler's choice."""

Forward: TypeAlias = Callable[[Tensor], Tensor]
"""Ids [B, T] to logits [B, T, V]."""


def maybe_compile(network: Network, steps: int, minutes: float | None) -> Forward:
    """The forward function for a run with this budget; if compiled, then at its first call."""
    is_long = steps >= MIN_STEPS if minutes is None else minutes >= MIN_MINUTES
    if not (is_long and is_large(network)):
        return network
    if obstacle := _obstacle():
        log.warning("%s: each step takes a tenth longer.", obstacle)
        return network
    log.info("The first step takes half a minute longer: it includes compilation.")
    return compiled(network)


def _obstacle() -> str | None:
    """Why torch cannot compile here."""
    if shutil.which(COMPILER) is None:
        return f"{COMPILER} is not installed"
    if " " in torch.__file__:  # torch's commands of compiler and linker do not quote it
        return f"torch cannot compile in a folder whose path has a space ({torch.__file__})"
    return None


def is_large(network: Network) -> bool:
    """Whether compilation shortens a step; it does not for an LSTM, whose kernel is fused."""
    parameters = sum(map(torch.numel, network.parameters()))
    return isinstance(network, Decoder) and parameters >= MIN_PARAMETERS


def compiled(network: Network) -> Forward:
    """A compiled function that shares the weights; if compilation fails, torch runs it eagerly."""
    torch._dynamo.config.suppress_errors = True  # noqa: SLF001 - the documented setting
    # With one thread there is no pool of compiler processes, which would outlive a killed trainer.
    options: dict[str, str | int | bool | Callable[..., Any]] = {"compile_threads": 1}
    # If ATEN_CPU_CAPABILITY selects an older instruction set, code for a newer one computes NaN
    if bits := SIMD_BITS.get(torch.backends.cpu.get_cpu_capability()):
        options["cpp.simdlen"] = bits
    forward: Forward = torch.compile(network, options=options)
    return forward
