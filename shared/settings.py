"""Settings that several processes share, from `OSTINATO_*` variables.

Each service extends these classes in its own settings.py and reads them once, at start.
"""

import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    Field,
    PostgresDsn,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from ostinato.schemas.names import VersionName
from shared.redis_url import RedisMode, parse_redis_url

DEFAULT_SECRETS = frozenset({None, "", "ostinato", "postgres", "password", "changeme"})
RENAMED_SETTINGS = {
    "OSTINATO_BATCH_MELODIES": "OSTINATO_MAX_BATCH_MELODIES",
    "OSTINATO_CHECKPOINTS": "OSTINATO_CHECKPOINTS_DIR",
    "OSTINATO_DATA": "OSTINATO_DATASETS_DIR",
    "OSTINATO_DRAIN_SECONDS": "OSTINATO_DRAIN_TIMEOUT_SECONDS",
    "OSTINATO_GRACE_SECONDS": "OSTINATO_OUTAGE_GRACE_SECONDS",
    "OSTINATO_HEARTBEAT_SECONDS": "OSTINATO_HEARTBEAT_INTERVAL_SECONDS",
    "OSTINATO_HOME": "OSTINATO_CACHE_DIR",
    "OSTINATO_INTERACTIVE_MELODIES": "OSTINATO_MAX_INTERACTIVE_MELODIES",
    "OSTINATO_MAX_UNFINISHED_EVALUATIONS": "OSTINATO_MAX_PENDING_EVALUATIONS",
    "OSTINATO_MAX_UNFINISHED_MELODIES": "OSTINATO_MAX_PENDING_MELODIES",
    "OSTINATO_MAX_UNFINISHED_READINGS": "OSTINATO_MAX_PENDING_DATASET_IMPORTS",
    "OSTINATO_MAX_UNFINISHED_TRAININGS": "OSTINATO_MAX_PENDING_TRAININGS",
    "OSTINATO_REAPER_INTERVAL_SECONDS": "OSTINATO_DISPATCHER_INTERVAL_SECONDS",
    "OSTINATO_REAP_SECONDS": "OSTINATO_DISPATCHER_INTERVAL_SECONDS",
    "OSTINATO_RELAY_INTERVAL_SECONDS": "OSTINATO_DISPATCHER_INTERVAL_SECONDS",
    "OSTINATO_RELAY_SECONDS": "OSTINATO_DISPATCHER_INTERVAL_SECONDS",
    "OSTINATO_RESERVED_SLOTS": "OSTINATO_RESERVED_INTERACTIVE_SEQS",
    "OSTINATO_SLOTS": "OSTINATO_MAX_NUM_SEQS",
    "OSTINATO_VAR": "OSTINATO_STATE_DIR",
    "OSTINATO_WEB": "OSTINATO_STATIC_DIR",
}
"""Variables that release 0.2.0 renamed. The client has its own list: it does not import this."""

CLUSTER_AS_BROKER = (
    "Celery cannot use a Redis Cluster: set OSTINATO_REDIS_URL to one Redis server or to Sentinel, "
    "and OSTINATO_EVENT_STREAMS_URL to the Cluster."
)

_POSTGRES = TypeAdapter(PostgresDsn)


def _check_redis_url(url: str | None) -> str | None:
    if url:
        parse_redis_url(url)
    return url


def _check_broker_url(url: str) -> str:
    if parse_redis_url(url).mode is RedisMode.CLUSTER:
        raise ValueError(CLUSTER_AS_BROKER)
    return url


class OstinatoSettings(BaseSettings):
    """Base class of every settings class: the prefix, and the check for renamed variables."""

    model_config = SettingsConfigDict(
        env_prefix="OSTINATO_",
        frozen=True,
        extra="ignore",
        use_attribute_docstrings=True,  # docs/configuration.md shows them
        hide_input_in_errors=True,  # the input contains the passwords
    )

    @classmethod
    def load(cls) -> Self:
        """Read the environment; end the process with a line per error if a variable is invalid."""
        try:
            return cls()
        except ValidationError as error:
            raise SystemExit("\n".join(_describe(details) for details in error.errors())) from error

    @model_validator(mode="before")
    @classmethod
    def _reject_renamed_variables(cls, values: Any) -> Any:  # noqa: ANN401 - pydantic's signature
        """A renamed variable would otherwise be ignored, and the default would apply."""
        reject_renamed(os.environ)
        return values


class LogSettings(OstinatoSettings):
    """What a process writes to its log."""

    log_level: str = "INFO"
    """Log level of Python's logging module."""
    log_format: Literal["text", "json"] = "text"
    """Lines for people, or a JSON object in each line, with the ids of job, shard and trace."""


class CommonSettings(LogSettings):
    """Servers, folders and log: what every service needs."""

    environment: Literal["production", "development"] = "production"
    """Development mode accepts well-known passwords and serves the loopback interface only."""
    database_url: str
    """postgresql+asyncpg://user:password@host:port/name"""
    prepared_statements: bool = True
    """Whether PostgreSQL keeps prepared statements by name. Set it to false behind a pooler in
    transaction mode that does not track them, such as PgBouncer before 1.21."""
    redis_url: Annotated[str, AfterValidator(_check_broker_url)]
    """redis://:password@host:port/0, rediss:// with TLS, or Sentinel:
    sentinel://:password@host:26379;sentinel://host:26379/0?master_name=mymaster"""
    event_streams_url: Annotated[str | None, AfterValidator(_check_redis_url)] = None
    """Redis of the event streams, if it is another one. It may be a Cluster:
    redis+cluster://:password@host:6379;redis+cluster://host:6379"""
    tracing: bool = False
    """Whether OpenTelemetry traces of jobs are exported over OTLP. The variables of OpenTelemetry
    apply, such as OTEL_EXPORTER_OTLP_ENDPOINT and OTEL_TRACES_SAMPLER."""
    checkpoints_dir: Path = Path("checkpoints")
    """Folder of the checkpoints, one subfolder per model version."""
    storage_url: str = "var/storage"
    """Storage of uploaded data sets: a folder, or any URL that fsspec supports."""

    @property
    def streams_url(self) -> str:
        """The URL of the Redis with the event streams."""
        return self.event_streams_url or self.redis_url

    @model_validator(mode="after")
    def _reject_default_secrets(self) -> Self:
        """A well-known password is acceptable in development only."""
        if self.environment == "development":
            return self
        postgres = _POSTGRES.validate_python(self.database_url).hosts()[0]
        passwords = {
            "OSTINATO_DATABASE_URL": [postgres["password"]],
            "OSTINATO_REDIS_URL": parse_redis_url(self.redis_url).secrets,
            "OSTINATO_EVENT_STREAMS_URL": parse_redis_url(self.streams_url).secrets,
        }
        for variable, secrets in passwords.items():
            if not DEFAULT_SECRETS.isdisjoint(secrets):
                raise ValueError(
                    f"{variable} has no password or a well-known one: set a password of your own, "
                    "or set OSTINATO_ENVIRONMENT=development on a machine that others cannot reach."
                )
        return self


class DefaultModelSettings(OstinatoSettings):
    """The default version, which the gateway requests and workers load first."""

    default_model: VersionName = "mini"
    """The version of generation requests that name none, which workers load first; promoting a
    version does not change it."""


class LeaseSettings(OstinatoSettings):
    """How a worker or trainer keeps the leases of the shards and jobs that it has claimed."""

    lease_seconds: Annotated[float, Field(gt=0)] = 30.0
    """Seconds that a claim is valid without a heartbeat."""
    heartbeat_interval_seconds: Annotated[float, Field(gt=0)] = 5.0
    """Seconds between two renewals of the leases; at most half of the lease."""
    drain_timeout_seconds: Annotated[float, Field(ge=0)] = 60.0
    """Seconds after SIGTERM to finish claimed work; the rest is then released."""

    @property
    def lease_duration(self) -> timedelta:
        """How long a claim is valid without a heartbeat."""
        return timedelta(seconds=self.lease_seconds)

    @model_validator(mode="after")
    def _require_two_heartbeats_per_lease(self) -> Self:
        if self.heartbeat_interval_seconds * 2 > self.lease_seconds:
            raise ValueError(
                "OSTINATO_HEARTBEAT_INTERVAL_SECONDS must be at most half of "
                "OSTINATO_LEASE_SECONDS, or one late heartbeat loses every lease."
            )
        return self


MAX_DAYS = 36_500
OptionalDays = Annotated[float | None, Field(gt=0, le=MAX_DAYS)]


class RetentionSettings(OstinatoSettings):
    """How long generated music is kept."""

    generation_lifetime_days: OptionalDays = None
    """Days after their end until generation jobs and batches are deleted with their melodies.
    Favourites and their jobs stay. If unset: they are kept until their owner deletes them."""

    @property
    def generation_lifetime(self) -> timedelta | None:
        """How long generation jobs are kept after their end; None: for ever."""
        days = self.generation_lifetime_days
        return None if days is None else timedelta(days=days)


class WebhookSettings(CommonSettings):
    """Where webhooks may be sent to."""

    webhooks_allow_local: bool = False
    """For tests on one machine, in development mode only: webhooks may also be http URLs and
    addresses of this machine or its network."""

    @model_validator(mode="after")
    def _allow_local_webhooks_in_development_only(self) -> Self:
        if self.webhooks_allow_local and self.environment != "development":
            raise ValueError(
                "OSTINATO_WEBHOOKS_ALLOW_LOCAL would let clients reach the servers of this "
                "network: unset it, or set OSTINATO_ENVIRONMENT=development."
            )
        return self


def reject_renamed(environment: Mapping[str, str]) -> None:
    """Raise ValueError that names every renamed variable that is set, and its new name."""
    names = {name.upper() for name in environment}  # pydantic-settings ignores case
    renamed = [
        f"{old} was renamed: set {new} instead"
        for old, new in RENAMED_SETTINGS.items()
        if old in names
    ]
    if renamed:
        raise ValueError("\n".join(renamed))


def _describe(error: ErrorDetails) -> str:
    """The message of an error, after the name of its variable if it concerns only one."""
    message = error["msg"].removeprefix("Value error, ")
    names = [f"OSTINATO_{str(part).upper()}" for part in error["loc"][:1]]
    return ": ".join([*names, message])
