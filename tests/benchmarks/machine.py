"""The machine of a measurement, and the environment that pins threads to its cores."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import torch

from shared.models.numerics import compute_dtype
from tests.benchmarks import engine


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """The properties of a machine that determine the speed."""

    processor: str
    cores: int
    number_format: str
    numerics: str
    """The numerics identifier, which every receipt contains."""
    torch: str

    @classmethod
    def here(cls) -> Self:
        """The machine that this process is running on."""
        return cls(
            processor=_processor(Path("/proc/cpuinfo").read_text()),
            cores=len(os.sched_getaffinity(0)),
            number_format=str(compute_dtype(torch.device("cpu"))).removeprefix("torch."),
            numerics=engine.numerics(),
            torch=torch.__version__,
        )

    def __str__(self) -> str:
        return (
            f"{self.processor}, {self.cores} cores, {self.number_format}, "
            f"numerics `{self.numerics}`, torch {self.torch}"
        )


def pinning_environment() -> Mapping[str, str]:
    """Environment variables that pin each OpenMP thread to its own core.

    Two threads on one core wait for each other many times in a millisecond.
    """
    cores = sorted(os.sched_getaffinity(0))
    return {
        "OMP_NUM_THREADS": str(len(cores)),
        "GOMP_CPU_AFFINITY": " ".join(map(str, cores)),
    }


def _processor(cpuinfo: str) -> str:
    names = [
        line.partition(":")[2].strip() for line in cpuinfo.splitlines() if "model name" in line
    ]
    return names[0] if names else "unknown processor"
