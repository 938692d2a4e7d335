"""What the engine has done so far, in numbers; refuses to know of whom."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineStats:
    """Counted over all models since the start."""

    steps: int
    tokens: int
    rows_peak: int
    """Most sequences that one step held."""
    jobs_peak: int
    """Most jobs whose sequences one step held."""
    running: int
    waiting: int
    finished: int


@dataclass(slots=True, kw_only=True)
class Tally:
    """The counters of one engine; only its thread writes them."""

    steps: int = 0
    tokens: int = 0
    rows_peak: int = 0
    jobs_peak: int = 0
    finished: int = 0

    def stats(self, *, running: int, waiting: int) -> EngineStats:
        """The counters, beside what is in hand now."""
        return EngineStats(
            steps=self.steps,
            tokens=self.tokens,
            rows_peak=self.rows_peak,
            jobs_peak=self.jobs_peak,
            running=running,
            waiting=waiting,
            finished=self.finished,
        )
