"""The state folder: one supervisor at a time, permanent secrets, free ports."""

import errno
import os
import socket
import stat
import subprocess
import time
from pathlib import Path

import pytest

from deploy.local.errors import AlreadyRunning, UnusableFolder
from deploy.local.machine.ports import LOOPBACK
from deploy.local.state_dir import StateDir


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


def test_a_folder_that_cannot_be_created_or_locked_is_an_error_that_says_what_to_do(
    tmp_path: Path,
) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path / "file", tmp_path / "file" / "var", tmp_path / ("x" * 300)):
        with pytest.raises(UnusableFolder, match=r"cannot be used: .*set OSTINATO_STATE_DIR"):
            StateDir.create(path)
    with pytest.raises(UnusableFolder, match=r"has 1\d\d\d bytes, and PostgreSQL can use 900: set"):
        StateDir.create(tmp_path / "/".join(["x" * 99] * 10))
    (tmp_path / "var" / "lock").mkdir(parents=True)
    with pytest.raises(UnusableFolder, match="cannot be used: Is a directory"):
        StateDir.create(tmp_path / "var").lock()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may see and write everything")
def test_a_folder_of_another_user_is_an_error_that_names_the_user(tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.mkdir(mode=0o000)
    state_dir = StateDir(private / "var")
    assert not state_dir.is_state_dir()
    for action in (state_dir.is_locked, state_dir.lock, lambda: StateDir.create(private / "var")):
        with pytest.raises(UnusableFolder, match=r"private belongs to \w+: start as \w+, or set"):
            action()


def test_asking_about_a_folder_creates_nothing(tmp_path: Path) -> None:
    state_dir = StateDir(tmp_path / "var")
    assert (state_dir.is_locked(), state_dir.supervisor(), state_dir.is_state_dir()) == (
        *(False, None, False),
    )
    assert list(tmp_path.iterdir()) == []


def test_the_supervisor_is_the_process_that_has_locked_the_folder(state_dir: StateDir) -> None:
    assert state_dir.supervisor() is None
    lock = state_dir.lock()
    assert state_dir.supervisor() == os.getpid()
    state_dir.unlock(lock)
    assert state_dir.supervisor() is None
    assert (state_dir.path / "lock").read_text() == ""


def test_a_process_that_got_the_pid_of_a_dead_supervisor_is_not_the_supervisor(
    state_dir: StateDir,
) -> None:
    lock = state_dir.lock()
    with subprocess.Popen(["/bin/sleep", "60"]) as other:
        os.ftruncate(lock, 0)
        os.pwrite(lock, str(other.pid).encode(), 0)
        assert state_dir.is_locked()
        assert state_dir.supervisor() is None
        other.kill()
    os.close(lock)


def test_files_of_other_programs_are_rejected_before_the_first_start(state_path: Path) -> None:
    (state_path / "cache").mkdir(parents=True)
    with pytest.raises(UnusableFolder, match=f"{state_path / 'cache'} does not belong to a stack"):
        StateDir(state_path).reject_foreign_files()
    (state_path / "cache").rmdir()
    (state_path / "holiday.jpg").touch()
    StateDir(state_path).reject_foreign_files()


def test_after_the_first_start_no_file_is_rejected(state_dir: StateDir) -> None:
    lock = state_dir.lock()
    state_dir.allocate_ports(gateway=0)
    state_dir.unlock(lock)
    (state_dir.path / "cache").mkdir()
    state_dir.reject_foreign_files()


def test_a_secret_is_permanent_and_private(state_dir: StateDir, state_path: Path) -> None:
    secret = state_dir.secret("password")
    assert StateDir(state_path).secret("password") == secret
    assert len(secret) >= 32
    assert stat.S_IMODE((state_path / "password").stat().st_mode) == 0o600


def test_secrets_differ_between_folders(state_dir: StateDir, tmp_path: Path) -> None:
    assert state_dir.secret("password") != StateDir.create(tmp_path).secret("password")


@pytest.mark.parametrize("name", ["ports.json", "url"])
def test_a_file_that_cannot_be_written_keeps_its_content(
    state_dir: StateDir, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def write_half(path: Path, text: str) -> None:
        path.write_bytes(text[:3].encode())
        raise OSError(errno.ENOSPC, "No space left on device")

    state_dir.write(name, "first")
    monkeypatch.setattr(Path, "write_text", write_half)
    with pytest.raises(OSError, match="No space left"):
        state_dir.write(name, "second")
    assert [path.name for path in state_dir.path.iterdir()] == [name]
    assert (state_dir.path / name).read_text() == "first"


def test_a_password_that_cannot_be_written_is_not_empty_at_the_next_start(
    state_dir: StateDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", raise_disk_full)
        with pytest.raises(OSError, match="No space left"):
            state_dir.secret("password")
    assert len(state_dir.secret("password")) >= 32


def raise_disk_full(*_arguments: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_port_is_remembered(state_dir: StateDir, state_path: Path) -> None:
    state_dir.allocate_ports(gateway=0)
    port = state_dir.port("gateway")
    StateDir(state_path).allocate_ports(gateway=0, valkey=0)
    assert StateDir(state_path).port("gateway") == port


def test_a_preferred_port_comes_before_the_previous_one(state_dir: StateDir) -> None:
    state_dir.allocate_ports(gateway=0)
    with socket.create_server((LOOPBACK, 0)) as listener:
        port = listener.getsockname()[1]
    state_dir.allocate_ports(gateway=port)
    assert state_dir.port("gateway") == port


def test_a_preferred_port_that_is_in_use_is_not_allocated(state_dir: StateDir) -> None:
    with socket.create_server((LOOPBACK, 0)) as listener:
        port = listener.getsockname()[1]
        state_dir.allocate_ports(gateway=port)
        assert state_dir.port("gateway") != port


def test_ports_are_below_the_range_of_outgoing_connections(state_dir: StateDir) -> None:
    state_dir.allocate_ports(postgres=0, valkey=0, gateway=0)
    first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert all(state_dir.port(name) < first for name in ("postgres", "valkey", "gateway"))
