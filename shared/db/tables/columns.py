"""The metadata of all tables, and columns that many of them have."""

from sqlalchemy import (
    Column,
    DateTime,
    Integer,
    MetaData,
    func,
)

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "fk": "%(table_name)s_%(column_0_name)s_fkey",
    }
)


def created_at() -> Column[object]:
    """When the row was inserted."""
    return Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now())


def timestamp(name: str) -> Column[object]:
    """A point in time, or null."""
    return Column(name, DateTime(timezone=True))


def count(name: str) -> Column[int]:
    """A number that starts at 0."""
    return Column(name, Integer, nullable=False, server_default="0")
