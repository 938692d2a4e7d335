"""Interleaved measurement: contenders take turns, and the median of each counts."""

import time
from collections.abc import Callable, Mapping
from statistics import median
from typing import TypeAlias

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

ROUNDS = 3

Contender: TypeAlias = Callable[[], float]
"""Runs once and returns its measurement."""


def interleave(contenders: Mapping[str, Contender], rounds: int = ROUNDS) -> dict[str, float]:
    """The median of each contender; every other round runs in reverse order.

    Contenders must be warmed up before. Shows a progress bar.
    """
    measurements: dict[str, list[float]] = {name: [] for name in contenders}
    columns = (TextColumn("  {task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("", total=rounds * len(contenders))
        for round_number in range(rounds):
            for name in list(contenders)[:: -1 if round_number % 2 else 1]:
                bar.update(task, description=name)
                measurements[name].append(contenders[name]())
                bar.advance(task)
    return {name: median(values) for name, values in measurements.items()}


def rate(amount: float, work: Callable[[], object]) -> Contender:
    """A contender that measures a rate: `amount` per second that the work takes."""

    def run() -> float:
        start = time.perf_counter()
        work()
        return amount / (time.perf_counter() - start)

    return run
