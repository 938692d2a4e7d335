"""Taking turns: whoever is compared runs in the same minutes, and the median speaks for each."""

import time
from collections.abc import Callable, Mapping
from statistics import median
from typing import TypeAlias

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

ROUNDS = 3

Contender: TypeAlias = Callable[[], float]
"""Runs once and says its figure."""


def interleave(contenders: Mapping[str, Contender], rounds: int = ROUNDS) -> dict[str, float]:
    """The median figure of each; every other round goes backwards, so that nobody is always last.

    Whoever needs to warm up has done so before. Shows how far it is.
    """
    figures: dict[str, list[float]] = {name: [] for name in contenders}
    columns = (TextColumn("  {task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("", total=rounds * len(contenders))
        for number in range(rounds):
            for name in list(contenders)[:: -1 if number % 2 else 1]:
                bar.update(task, description=name)
                figures[name].append(contenders[name]())
                bar.advance(task)
    return {name: median(values) for name, values in figures.items()}


def rate(amount: float, work: Callable[[], object]) -> Contender:
    """A contender whose figure is `amount` a second of work."""

    def run() -> float:
        begun = time.perf_counter()
        work()
        return amount / (time.perf_counter() - begun)

    return run
