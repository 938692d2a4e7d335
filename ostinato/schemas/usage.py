"""What the jobs of an owner have used, by day."""

from datetime import date

from ostinato.schemas.schema import Schema


class UsageDay(Schema):
    """What ended on one day (UTC)."""

    day: date
    jobs: int
    """Jobs of any kind that ended."""
    melodies: int
    """Melodies that were generated."""
    tokens: int
    """Tokens of these melodies."""
    seconds: float
    """The sum of the times from the first to the last token of each; they run at the same time."""


class Usage(Schema):
    """The days with usage, newest first."""

    items: list[UsageDay]
