"""Additional databases on the test server, and SQL scripts."""

from typing import Any
from uuid import uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from deploy.local.stack import Stack


async def create_database(backends: Stack) -> str:
    """Create an empty database, and return its URL."""
    name = f"test_{uuid4().hex}"
    await run_statements(backends.database_url, f"CREATE DATABASE {name}")
    return f"{backends.database_url.rpartition('/')[0]}/{name}"


async def run_statements(url: str, *statements: str) -> None:
    """Run statements one after the other, each outside of a transaction."""
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        for statement in statements:
            await connection.execute(text(statement))
    await engine.dispose()


async def run_script(url: str, script: str) -> None:
    """Run several SQL statements in one connection, which is closed afterwards."""
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        await driver.execute(script)
    await engine.dispose()
