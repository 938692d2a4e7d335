"""What a check found: nothing to do, a restriction, or a failure."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How serious a finding is."""

    OK = "ok"
    WARNING = "warning"
    """The stack works, but slower, without the studio, or not for long."""
    FAILED = "failed"
    """The stack does not start, or a part of it does not work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The result of one check, in one sentence."""

    level: Level
    text: str


def ok(text: str) -> Finding:
    """Nothing to do."""
    return Finding(level=Level.OK, text=text)


def warning(text: str) -> Finding:
    """The sentence says what is restricted, and what to do."""
    return Finding(level=Level.WARNING, text=text)


def failed(text: str) -> Finding:
    """The sentence says what is wrong, and what to do."""
    return Finding(level=Level.FAILED, text=text)
