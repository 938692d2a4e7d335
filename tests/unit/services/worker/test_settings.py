"""Settings under which a worker would lose its leases or never run batch jobs are rejected."""

import pytest
from pydantic import ValidationError

from services.worker.settings import WorkerSettings

SETTINGS = {
    "environment": "development",
    "database_url": "postgresql+asyncpg://a:b@127.0.0.1/c",
    "redis_url": "redis://:d@127.0.0.1/0",
}


def test_a_lease_must_outlast_two_heartbeat_intervals() -> None:
    fields = {"lease_seconds": 5, "heartbeat_interval_seconds": 3}
    with pytest.raises(ValidationError, match="OSTINATO_LEASE_SECONDS"):
        WorkerSettings.model_validate({**SETTINGS, **fields})


def test_some_slots_must_remain_for_batch_jobs() -> None:
    fields = {"max_num_seqs": 8, "reserved_interactive_seqs": 8}
    with pytest.raises(ValidationError, match="OSTINATO_RESERVED_INTERACTIVE_SEQS"):
        WorkerSettings.model_validate({**SETTINGS, **fields})
