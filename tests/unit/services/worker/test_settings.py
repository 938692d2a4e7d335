"""A worker refuses settings under which it could not keep its shards."""

import pytest
from pydantic import ValidationError

from services.worker.settings import WorkerSettings

SETTINGS = {
    "environment": "development",
    "database_url": "postgresql+asyncpg://a:b@127.0.0.1/c",
    "redis_url": "redis://:d@127.0.0.1/0",
}


def test_a_lease_outlives_a_late_heartbeat() -> None:
    with pytest.raises(ValidationError, match="OSTINATO_LEASE_SECONDS"):
        WorkerSettings.model_validate({**SETTINGS, "lease_seconds": 5, "heartbeat_seconds": 3})


def test_some_slots_are_left_for_batches() -> None:
    with pytest.raises(ValidationError, match="OSTINATO_RESERVED_SLOTS"):
        WorkerSettings.model_validate({**SETTINGS, "slots": 8, "reserved_slots": 8})
