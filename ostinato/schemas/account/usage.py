"""What an owner uses: its jobs by day, and what it stores."""

from datetime import date

from ostinato.schemas.schema import Schema


class StorageUsage(Schema):
    """What an owner stores, in bytes; melodies and primers are small and do not count."""

    datasets_bytes: int
    """Zips of data sets that are imported or being imported."""
    models_bytes: int
    """Files of model versions that its trainings produced."""
    max_bytes: int
    """How much it may store; more is rejected."""


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
    """The days with usage, newest first, and what is stored now."""

    items: list[UsageDay]
    storage: StorageUsage
