"""The dispatcher's retention in the process of a test."""

from services.dispatcher.retention import Retention
from services.dispatcher.settings import DispatcherSettings
from shared.db.database import Database

ADDRESSES = {"database_url": "postgresql+asyncpg://localhost/unused", "redis_url": "redis://unused"}


def retention(database: Database, **lifetimes: float) -> Retention:
    """Retention of the rows in `database`, with these lifetimes in days."""
    fields = {"environment": "development", **ADDRESSES, **lifetimes}
    return Retention(database, DispatcherSettings.model_validate(fields))
