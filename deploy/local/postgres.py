"""PostgreSQL as a child process: creates the cluster, starts and stops the server.

It listens on the loopback interface, with a random password.
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
from deploy.local.deletion import remember_owner
from deploy.local.errors import StackError, StartupFailed
from deploy.local.log import Log
from deploy.local.machine import disk
from deploy.local.machine.ports import LOOPBACK
from deploy.local.process import Process, ProcessSpawner, ProgramSpec
from deploy.local.state_dir import StateDir

USER = "ostinato"
DATABASE = "postgres"
"""The database that initdb creates; the stack needs no other."""

ENV = {"LC_ALL": "C", "TZ": "UTC"}
"""The whole environment: a PGDATA or PGPORT that the user set for another server is not passed."""

INITDB_OPTIONS = (
    *("--username", USER, "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"),
    *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-sync", "--no-instructions"),
)
SERVER_OPTIONS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",  # a socket path is limited to 107 bytes; a deep folder has more
    "log_line_prefix": "",  # the merged log adds the time
    "log_checkpoints": "off",
    "log_error_verbosity": "terse",  # DETAIL and CONTEXT quote rows, and so what clients sent
}
if sys.platform == "linux":
    # Recovery after a crash takes 0.1 s; with an fsync for each file it took 3 s.
    SERVER_OPTIONS["recovery_init_sync_method"] = "syncfs"

START_TIMEOUT = 30.0
"""Seconds for crash recovery, or for the backends of a killed server to exit."""


class Postgres:
    """One cluster; its folder holds `data/` and the file with the password."""

    def __init__(self, state_dir: StateDir) -> None:
        self._account = Account.for_postgres()
        self._dir = _cluster_dir(state_dir.path / "postgres", self._account)
        self._port = state_dir.port("postgres")

    @property
    def folder(self) -> Path:
        """The folder with the data."""
        return self._dir

    @property
    def url(self) -> str:
        """The URL for SQLAlchemy over asyncpg."""
        password = (self._dir / "password").read_text()
        return f"postgresql+asyncpg://{USER}:{password}@{LOOPBACK}:{self._port}/{DATABASE}"

    def prepare(self) -> None:
        """Create the cluster unless it exists; the caller must hold the lock of the state folder.

        The lock guarantees that no server is running here, so a pid file is a leftover of a crash.
        Its pid may since have been reused by an unrelated process: the file is deleted.
        """
        if not (self._dir / "data").exists():
            self._create()
        (self._dir / "data" / "postmaster.pid").unlink(missing_ok=True)

    def start(self, spawner: ProcessSpawner, log: Log) -> Process:
        """Start the server and wait until it accepts connections.

        After SIGKILL, PostgreSQL does not start while a backend of the killed server is still
        executing a query, so a failed start is retried.
        """
        deadline = time.monotonic() + START_TIMEOUT
        while time.monotonic() < deadline:
            process = Process(self._spec(), spawner, log)
            while process.running and time.monotonic() < deadline:
                if self._is_ready(process.pid):
                    return process
                time.sleep(0.02)
            process.stop(timeout=2)
            time.sleep(0.5)
        raise StartupFailed(
            f"PostgreSQL did not become ready in {START_TIMEOUT:.0f} s; the log has the reason."
        )

    def _spec(self) -> ProgramSpec:
        """SIGINT is PostgreSQL's fast shutdown: it disconnects clients and closes its files."""
        options = [
            part for name, value in SERVER_OPTIONS.items() for part in ("-c", f"{name}={value}")
        ]
        postgres = str(binaries.postgres(self._account) / "postgres")
        return ProgramSpec(
            name="postgres",
            command=[postgres, "-D", str(self._dir / "data"), "-p", str(self._port), *options],
            env=ENV,
            cwd=self._dir,
            account=self._account,
            stop_signal=signal.SIGINT,
            orphan_signal=signal.SIGINT,
        )

    def _is_ready(self, pid: int) -> bool:
        """The first line of the pid file is the server's pid, the last one its status."""
        with suppress(FileNotFoundError):
            words = (self._dir / "data" / "postmaster.pid").read_text().split()
            return bool(words) and words[0] == str(pid) and words[-1] == "ready"
        return False

    def _create(self) -> None:
        """Run initdb in a sibling folder and rename it, so that `data/` is never incomplete."""
        new, password = self._dir / "new", self._dir / "password"
        shutil.rmtree(new, ignore_errors=True)
        password.touch(mode=0o600)
        password.write_text(secrets.token_urlsafe(24))
        if self._account:
            self._account.chown(password)
        self._initdb("--pgdata", str(new), "--pwfile", str(password))
        new.rename(self._dir / "data")

    def _initdb(self, *arguments: str) -> None:
        account = self._account
        initdb = str(binaries.postgres(account) / "initdb")
        completed = subprocess.run(  # noqa: S603 -- our own binary and arguments
            [initdb, *INITDB_OPTIONS, *arguments],
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            env=ENV,
            cwd=self._dir,
            capture_output=True,
            text=True,
            check=False,
        )
        if completed.returncode != 0:
            raise StackError(f"The database cannot be created: {_reason(completed, self._dir)}")


def _reason(initdb: subprocess.CompletedProcess[str], folder: Path) -> str:
    """The disk is full, or the first error that initdb reports."""
    if disk.is_nearly_full(folder):
        return disk.full_disk(folder)
    lines = initdb.stderr.splitlines()
    errors = [line for line in lines if any(word in line for word in ("FATAL", "error:"))]
    return " ".join((errors or lines or [f"exit code {initdb.returncode}"])[0].split())


def _cluster_dir(path: Path, account: Account | None) -> Path:
    """`path`, or the target of a link to `SYSTEM_DIR` if `account` cannot access its parent."""
    if path.is_symlink() and not path.exists():
        missing = path.readlink()
        raise StackError(
            f"The data in {missing} are missing: restore them, or delete {path.parent}."
        )
    if not path.exists():
        if account is None or account.can_access(path.parent):
            path.mkdir(mode=0o700)
        else:
            path.symlink_to(tempfile.mkdtemp(prefix="postgres-", dir=binaries.system_dir()))
        if account:
            account.chown(path)
    if account and path.is_symlink():
        remember_owner(path.resolve(), path.parent)
    if account and path.stat().st_uid != account.uid:
        raise StackError(
            f"{path} does not belong to {account.name}: start as its owner, or delete it."
        )
    return path.resolve()
