"""The development key, with all scopes: a file that the gateway writes."""

from pathlib import Path

from services.gateway.settings import GatewaySettings
from shared.db.api_keys import ApiKeys
from shared.db.database import Database

DEVELOPMENT_OWNER = "developer"


async def write_development_key(settings: GatewaySettings) -> None:
    """In development mode, write the key, if the settings name its file.

    Call it before the gateway's processes start: each of them would create a key.

    Raises:
        Unavailable: PostgreSQL does not answer.
    """
    file = settings.development_key_file
    if file is None or settings.environment != "development":
        return
    database = Database.from_settings(settings, pool_size=1)
    try:
        await _ensure_valid_key(database, file)
    finally:
        await database.close()


async def _ensure_valid_key(database: Database, file: Path) -> None:
    """Write a valid key to `file`, readable by this user only; keep an existing valid key."""
    async with database.transaction() as connection:
        keys = ApiKeys(connection)
        if await keys.find(_read(file)) is None:
            _write(file, (await keys.create(DEVELOPMENT_OWNER, name="development")).key)


def _read(file: Path) -> str:
    return file.read_text().strip() if file.exists() else ""


def _write(file: Path, key: str) -> None:
    file.touch(mode=0o600)
    file.write_text(key)
