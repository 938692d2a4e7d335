"""The state folder: one supervisor at a time, permanent secrets, free ports."""

import os
import socket
import stat
import subprocess
import time
from pathlib import Path

import pytest

from deploy.local.errors import AlreadyRunning
from deploy.local.state_dir import LOOPBACK, StateDir


def test_locking_a_locked_folder_names_the_holder(state_dir: StateDir, state_path: Path) -> None:
    lock = state_dir.lock()
    with pytest.raises(AlreadyRunning, match=f"already running .process {os.getpid()}"):
        StateDir(state_path).lock()
    os.close(lock)
    os.close(StateDir(state_path).lock())


def test_a_folder_stays_locked_until_the_last_child_of_a_dead_supervisor_exits(
    state_dir: StateDir,
) -> None:
    lock = state_dir.lock()
    with subprocess.Popen(["/bin/sleep", "0.5"], pass_fds=(lock,)):
        os.pwrite(lock, b"999999999 ", 0)  # a pid that no process has
        os.close(lock)
        assert state_dir.is_locked()
        start = time.monotonic()
        os.close(state_dir.lock())
        assert time.monotonic() - start > 0.2
    assert not state_dir.is_locked()


def test_the_cache_of_release_0_1_0_is_adopted(state_dir: StateDir, state_path: Path) -> None:
    (state_path / "home").mkdir(parents=True)
    (state_path / "home" / "run").write_text("of 0.1.0")
    state_dir.migrate_from_0_1_0()
    assert (state_path / "cache" / "run").read_text() == "of 0.1.0"
    (state_path / "home").mkdir()
    state_dir.migrate_from_0_1_0()  # the new cache stays
    assert (state_path / "cache" / "run").exists()


def test_a_secret_is_permanent_and_private(state_dir: StateDir, state_path: Path) -> None:
    secret = state_dir.secret("password")
    assert StateDir(state_path).secret("password") == secret
    assert len(secret) >= 32
    assert stat.S_IMODE((state_path / "password").stat().st_mode) == 0o600


def test_secrets_differ_between_folders(state_dir: StateDir, tmp_path: Path) -> None:
    assert state_dir.secret("password") != StateDir(tmp_path).secret("password")


def test_a_port_is_remembered(state_dir: StateDir, state_path: Path) -> None:
    state_dir.allocate_ports(gateway=0)
    port = state_dir.port("gateway")
    StateDir(state_path).allocate_ports(gateway=0, valkey=0)
    assert StateDir(state_path).port("gateway") == port


def test_a_preferred_port_that_is_in_use_is_not_allocated(state_dir: StateDir) -> None:
    with socket.create_server((LOOPBACK, 0)) as listener:
        port = listener.getsockname()[1]
        state_dir.allocate_ports(gateway=port)
        assert state_dir.port("gateway") != port


def test_a_preferred_port_that_is_free_is_allocated(state_dir: StateDir) -> None:
    with socket.create_server((LOOPBACK, 0)) as listener:
        port = listener.getsockname()[1]
    state_dir.allocate_ports(gateway=port)
    assert state_dir.port("gateway") == port


def test_ports_are_below_the_range_of_outgoing_connections(state_dir: StateDir) -> None:
    state_dir.allocate_ports(postgres=0, valkey=0, gateway=0)
    first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert all(state_dir.port(name) < first for name in ("postgres", "valkey", "gateway"))
