"""PgBouncer as deploy/pgbouncer.ini configures it, and a stack behind it."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from configparser import RawConfigParser
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from sqlalchemy import make_url

from deploy.local.account import Account
from deploy.local.machine.ports import LOOPBACK, first_free, random_ports
from deploy.local.process import ProgramSpec
from tests.support.servers.stacks import Servers, StackOnServers
from tests.support.tmp import world_traversable_dir

CONFIGURATION = Path(__file__).parents[3] / "deploy" / "pgbouncer.ini"
START_TIMEOUT = 10.0


def find_pgbouncer() -> str:
    """The path of the server. Without it the test is skipped; in CI it fails."""
    program = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is not None:
        return program
    reason = "PgBouncer is missing: install the Debian package pgbouncer"
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason}; with CI=true its tests must run")
    pytest.skip(reason)


@contextmanager
def pgbouncer(database_url: str, **options: str | int) -> Iterator[str]:
    """Run PgBouncer before a database; the value is the URL of the database through it.

    `options` replace those of deploy/pgbouncer.ini. All its values are used except for addresses.
    """
    program, account = find_pgbouncer(), Account.for_postgres()
    direct = make_url(database_url)
    port = int(options.get("listen_port") or first_free(random_ports()))
    with world_traversable_dir() as folder:
        _write(folder / "users", f'"{direct.username}" "{direct.password}"\n', account)
        own = {"listen_port": port, "auth_file": folder / "users", **options}
        configuration = _configuration(str(direct.database), direct.port or 5432, own)
        _write(folder / "pgbouncer.ini", configuration, account)
        spec = ProgramSpec(
            name="pgbouncer",
            command=[program, str(folder / "pgbouncer.ini")],
            env={},
            account=account,
        )
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                spec.argv(os.getpid()), env=dict(spec.env), stdout=log, stderr=log
            )
            try:
                _wait_until_it_listens(process, port, folder / "log")
                yield direct.set(port=port).render_as_string(hide_password=False)
            finally:
                process.send_signal(signal.SIGKILL)
                process.wait()


class StackBehindPgBouncer(StackOnServers):
    """The services of a stack, which reach PostgreSQL through PgBouncer only."""

    def __init__(
        self, folder: Path, servers: Servers, *, checkpoints_dir: Path, **options: str | int
    ) -> None:
        find_pgbouncer()
        super().__init__(folder, servers, checkpoints_dir=checkpoints_dir)
        self.direct_url = super().database_url
        self._pooled_url = self._resources.enter_context(pgbouncer(self.direct_url, **options))

    @property
    def database_url(self) -> str:
        return self._pooled_url

    def env(self) -> dict[str, str]:
        """The environment of every service."""
        return super().env() | {"OSTINATO_PREPARED_STATEMENTS": "false"}


def _configuration(database: str, port: int, options: Mapping[str, object]) -> str:
    """The text of deploy/pgbouncer.ini for another database, with other options."""
    parser = RawConfigParser()
    parser.read(CONFIGURATION)
    [target] = parser["databases"].values()
    lines = [
        "[databases]",
        f"{database} = {target.replace('port=5432', f'port={port}')}",
        "[pgbouncer]",
        *(f"{name} = {value}" for name, value in {**parser["pgbouncer"], **options}.items()),
    ]
    return "\n".join(lines) + "\n"


def _write(path: Path, text: str, account: Account | None) -> None:
    """Write a file that only the account can read, because it may contain passwords."""
    path.touch(mode=0o600)
    path.write_text(text)
    if account:
        account.chown(path)


def _wait_until_it_listens(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection((LOOPBACK, port), timeout=1):
            return
        time.sleep(0.02)
    raise AssertionError(f"PgBouncer does not listen on port {port}: {log.read_text()}")
