"""Checks of this stack: its folder, models, port, and whether it runs."""

import os

from deploy.diagnosis.finding import Finding, failed, ok, warning
from deploy.local.account import Account
from deploy.local.binaries import SYSTEM_DIR
from deploy.local.checkpoints import require_versions, versions_in
from deploy.local.machine import disk, ports, processes
from deploy.local.settings import SHIPPED_CHECKPOINTS, LocalSettings
from deploy.local.state_dir import LOCK, StateDir


def state_folder(settings: LocalSettings) -> Finding:
    """Whether this user can write to the folder, and where root's data are."""
    state_dir = StateDir(settings.state_dir)
    folder = disk.existing(state_dir.path)
    lock = state_dir.path / LOCK
    if disk.is_read_only(folder):
        return failed(f"{folder} is read-only: set OSTINATO_STATE_DIR to another folder")
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        return failed(
            f"{folder} is not a folder that this user can write to (it belongs to "
            f"{processes.owner(folder)}): set OSTINATO_STATE_DIR to another one"
        )
    if lock.exists() and not os.access(lock, os.W_OK):
        return failed(f"the stack in {state_dir.path} belongs to {processes.owner(lock)}")
    if "state_dir" in settings.model_fields_set:
        state_dir.reject_foreign_files()
    notes = [str(state_dir.path), *_root_data(state_dir)]
    if not disk.allows_execution(folder):
        notes.append("native code cannot be kept there (mount option noexec)")
    return ok("; ".join(notes))


def models(settings: LocalSettings) -> Finding:
    """The model versions that `up` serves."""
    own = StateDir(settings.state_dir).checkpoints_dir
    folders = (
        (settings.checkpoints_dir,) if settings.checkpoints_dir else (SHIPPED_CHECKPOINTS, own)
    )
    require_versions(*folders)
    return ok(", ".join(sorted({name for folder in folders for name in versions_in(folder)})))


def port(settings: LocalSettings) -> Finding:
    """Whether the gateway's port is free, or this stack's own."""
    if StateDir(settings.state_dir).is_locked():
        return ok("in use by this stack")
    if settings.port_is_required:
        ports.require_free(settings.port)
    elif not ports.is_free(settings.port):
        return warning(
            f"{settings.port} is in use by {ports.listener(settings.port)}: the gateway will "
            "listen on another port, which `up` prints"
        )
    return ok(f"{settings.port or 'any port'} is free")


def stack(settings: LocalSettings) -> Finding:
    """Whether a stack runs in the state folder."""
    state_dir = StateDir(settings.state_dir)
    if not state_dir.is_locked():
        return ok("not running")
    return ok(f"running at {(state_dir.path / 'url').read_text()}")


def _root_data(state_dir: StateDir) -> list[str]:
    """Where PostgreSQL keeps root's data if its account cannot enter the state folder."""
    account = Account.for_postgres()
    data = state_dir.path / "postgres"
    if account is None or (data.exists() and not data.is_symlink()):
        return []
    if data.is_symlink():
        return [f"because of root, PostgreSQL's data are in {data.resolve()}"]
    if account.can_access(disk.existing(state_dir.path)):
        return []
    return [f"because of root, PostgreSQL's data will be below {SYSTEM_DIR}"]
