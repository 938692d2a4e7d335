"""What an owner uses of the service."""

from ostinato.schemas.schema import Schema


class StorageUsage(Schema):
    """What an owner stores, in bytes; melodies and primers are small and do not count."""

    datasets_bytes: int
    """Zips of data sets that are imported or being imported."""
    models_bytes: int
    """Files of model versions that its trainings produced."""
    max_bytes: int
    """How much it may store; more is rejected."""
