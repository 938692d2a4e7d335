"""The settings of the services of a stack that runs in a state folder."""

from deploy.local.machine.ports import LOOPBACK
from deploy.local.postgres import DATABASE, USER
from deploy.local.state_dir import StateDir
from shared.settings import CommonSettings


def settings_of(state_dir: StateDir) -> CommonSettings:
    """The addresses and passwords that the services use; reads files only.

    Raises:
        OSError: this user may not read the passwords.
    """
    postgres_password = (state_dir.path / "postgres" / "password").read_text()
    valkey_password = (state_dir.path / "valkey_password").read_text()
    postgres, valkey = state_dir.port("postgres"), state_dir.port("valkey")
    return CommonSettings.model_validate(
        {
            "environment": "development",
            "database_url": f"postgresql+asyncpg://{USER}:{postgres_password}@{LOOPBACK}:{postgres}/{DATABASE}",
            "redis_url": f"redis://:{valkey_password}@{LOOPBACK}:{valkey}/0",
            "event_streams_url": None,
            "checkpoints_dir": state_dir.checkpoints_dir,
            "storage_url": str(state_dir.path / "storage"),
        }
    )
