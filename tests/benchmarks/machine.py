"""The machine that a figure is from, and how programs are tied to its cores."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import torch

from shared.models.numerics import number_format
from tests.benchmarks import ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What decides how fast it can be."""

    processor: str
    cores: int
    number_format: str
    numerics: str
    """As it is written into every receipt."""
    torch: str

    @classmethod
    def here(cls) -> Self:
        """This one."""
        return cls(
            processor=_processor(Path("/proc/cpuinfo").read_text()),
            cores=len(os.sched_getaffinity(0)),
            number_format=str(number_format(torch.device("cpu"))).removeprefix("torch."),
            numerics=ours.numerics(),
            torch=torch.__version__,
        )

    def __str__(self) -> str:
        return (
            f"{self.processor}, {self.cores} cores, {self.number_format}, "
            f"numerics `{self.numerics}`, torch {self.torch}"
        )


def pinned() -> Mapping[str, str]:
    """Variables under which each thread of a program keeps to a core of its own.

    Two threads that land on one core wait for each other many times a millisecond.
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
