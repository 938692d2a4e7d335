"""The ids and keys of the rows of an aged database."""

from hashlib import sha256
from uuid import UUID

JOB_PREFIX, QUEUED_JOB_PREFIX = "01800000", "01810000"
SHARD_PREFIX, QUEUED_SHARD_PREFIX = "01900000", "01910000"
MELODY_PREFIX = "01a00000"
BATCH_PREFIX = "01820000"
QUEUED_BATCH_PREFIX = "01830000"
WORKER_PREFIX = "01b00000"


def job_id(number: int) -> UUID:
    """The id of a finished job, from 1; the first half belong to `PROLIFIC`."""
    return _uuid(JOB_PREFIX, number)


def queued_job_id(number: int) -> UUID:
    """The id of a job of `owner-{number}`, from 1; the last ones are running."""
    return _uuid(QUEUED_JOB_PREFIX, number)


def batch_id(number: int) -> UUID:
    """The id of a finished batch, from 1."""
    return _uuid(BATCH_PREFIX, number)


def queued_batch_id(number: int) -> UUID:
    """The id of a queued batch of `PROLIFIC`, from 1."""
    return _uuid(QUEUED_BATCH_PREFIX, number)


def worker_id(number: int) -> UUID:
    """The id of a worker that holds shards."""
    return _uuid(WORKER_PREFIX, number)


def melody_id(number: int) -> UUID:
    """The id of a melody."""
    return _uuid(MELODY_PREFIX, number)


def api_key(number: int) -> str:
    """The API key of `owner-{number}`, from 1."""
    return f"ost_{number}"


def api_key_digest(number: int) -> bytes:
    """The SHA-256 of an API key."""
    return sha256(api_key(number).encode()).digest()


def _uuid(prefix: str, number: int) -> UUID:
    return UUID(f"{prefix}-0000-7000-8000-{number:012x}")


def sql_uuid(prefix: str, number: str) -> str:
    return f"('{prefix}-0000-7000-8000-' || lpad(to_hex({number}), 12, '0'))::uuid"
