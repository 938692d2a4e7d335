"""PostgreSQL under our own supervision: its cluster, its start, its end.

It listens on the loopback with a password of its own. Refuses to know any table.
"""

import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from deploy.local import binaries
from deploy.local.account import Account
from deploy.local.errors import NeverReady, StackError
from deploy.local.log import Log
from deploy.local.process import Keeper, Process, Program
from deploy.local.state_dir import LOOPBACK, Folder

USER = "ostinato"
DATABASE = "postgres"
"""The one that initdb makes: the server is ours alone, a second would only cost time."""

ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC"}
"""Nothing of the user's: a PGDATA or PGPORT meant for another server must not reach ours."""

INITDB = (
    *("--username", USER, "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"),
    *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-sync", "--no-instructions"),
)
FLAGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",  # a socket's path may have 107 bytes: a deep folder has more
    "log_line_prefix": "",  # the merged log has the time already
    "log_checkpoints": "off",
}
if sys.platform == "linux":
    FLAGS["recovery_init_sync_method"] = "syncfs"  # back after a crash in 0.1 s; by file it took 3

PATIENCE = 30.0
"""Seconds to replay the log after a crash, or for the backends of a killed server to end."""


class Postgres:
    """One cluster. Its place holds `data/` and the password that it was made with."""

    def __init__(self, folder: Folder) -> None:
        self._account = Account.for_servers()
        self._place = _place(folder.path / "postgres", self._account)
        self._port = folder.port("postgres")

    @property
    def url(self) -> str:
        """For SQLAlchemy over asyncpg."""
        password = (self._place / "password").read_text()
        return f"postgresql+asyncpg://{USER}:{password}@{LOOPBACK}:{self._port}/{DATABASE}"

    def prepare(self) -> None:
        """Make the cluster unless it is there; for whoever holds the lock of the stack's folder.

        The lock says that nobody runs here. So a pid file is left over from a crash, and its number
        may by now be that of a process which has nothing to do with us.
        """
        if not (self._place / "data").exists():
            self._create()
        (self._place / "data" / "postmaster.pid").unlink(missing_ok=True)

    def start(self, keeper: Keeper, log: Log) -> Process:
        """Start it and wait until it takes connections.

        After SIGKILL it refuses to start as long as a backend of its predecessor still works on a
        query: so a start that fails is tried again.
        """
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            process = Process(self._program(), keeper, log)
            while process.running and time.monotonic() < deadline:
                if self._is_ready(process.pid):
                    return process
                time.sleep(0.02)
            process.stop(patience=2)
            time.sleep(0.5)
        raise NeverReady(f"PostgreSQL did not get ready in {PATIENCE:.0f} s; the log says why.")

    def _program(self) -> Program:
        """Told to end, it hangs up on everybody and closes its files (fast shutdown)."""
        flags = [part for name, value in FLAGS.items() for part in ("-c", f"{name}={value}")]
        postgres = str(binaries.postgres(self._account) / "postgres")
        return Program(
            name="postgres",
            command=[postgres, "-D", str(self._place / "data"), "-p", str(self._port), *flags],
            environment=ENVIRONMENT,
            folder=self._place,
            account=self._account,
            stop_signal=signal.SIGINT,
            orphan_signal=signal.SIGINT,
        )

    def _is_ready(self, pid: int) -> bool:
        """The pid file begins with whose it is and ends with how far the server is."""
        with suppress(FileNotFoundError):
            words = (self._place / "data" / "postmaster.pid").read_text().split()
            return bool(words) and words[0] == str(pid) and words[-1] == "ready"
        return False

    def _create(self) -> None:
        """All or nothing: initdb works beside the place that counts."""
        new, password = self._place / "new", self._place / "password"
        shutil.rmtree(new, ignore_errors=True)
        password.touch(mode=0o600)
        password.write_text(secrets.token_urlsafe(24))
        if self._account:
            self._account.own(password)
        self._initdb("--pgdata", str(new), "--pwfile", str(password))
        new.rename(self._place / "data")

    def _initdb(self, *arguments: str) -> None:
        account = self._account
        initdb = str(binaries.postgres(account) / "initdb")
        made = subprocess.run(  # noqa: S603 -- our own binary and arguments
            [initdb, *INITDB, *arguments],
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            env=ENVIRONMENT,
            cwd=self._place,
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode != 0:
            raise StackError(f"initdb failed: {made.stderr.strip()}")


def _place(folder: Path, account: Account | None) -> Path:
    """`folder`; a link to a place in `SYSTEM` if `account` cannot get to where the folder lies."""
    if folder.is_symlink() and not folder.exists():
        gone = folder.readlink()
        raise StackError(f"The data in {gone} are gone: restore them, or delete {folder.parent}.")
    if not folder.exists():
        if account is None or account.can_reach(folder.parent):
            folder.mkdir(mode=0o700)
        else:
            system = binaries.system_folder()
            folder.symlink_to(tempfile.mkdtemp(prefix="postgres-", dir=system))
        if account:
            account.own(folder)
    if account and folder.stat().st_uid != account.uid:
        raise StackError(f"{folder} is not {account.name}'s: start as its owner, or delete it.")
    return folder.resolve()
