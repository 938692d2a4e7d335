"""What a backup has, and PostgreSQL's programs that write and read its part of it."""

import os
import subprocess
from pathlib import Path

from sqlalchemy import make_url

from deploy.local import binaries
from deploy.local.errors import StackError

DUMP = "database.dump"
"""The database, in the custom format of pg_dump."""
KEY = "api_key"
"""The development key, so that programs that use it still can."""
FOLDERS = ("storage", "checkpoints")
"""Uploaded data sets, and the model versions."""


def run_postgres_program(name: str, database_url: str, *arguments: str | Path) -> None:
    """Run pg_dump or pg_restore as this user.

    Raises:
        StackError: it failed.
    """
    url = make_url(database_url)
    program = binaries.postgres(None) / name
    login = ["--host", url.host, "--port", url.port, "--username", url.username]
    completed = subprocess.run(  # noqa: S603 -- the arguments are not user input
        [str(part) for part in (program, *login, "--dbname", url.database, *arguments)],
        env={"PATH": os.defpath, "LC_ALL": "C", "PGPASSWORD": str(url.password)},
        capture_output=True,
        text=True,
        check=False,
    )
    if completed.returncode != 0:
        raise StackError(f"{name} failed: {' '.join(completed.stderr.split())}")
