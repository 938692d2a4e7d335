"""A stack's folder: one supervisor at a time, secrets that stay, ports that are free."""

import os
import socket
import stat
import subprocess
import time
from pathlib import Path

import pytest

from deploy.local.errors import AlreadyRunning
from deploy.local.state_dir import LOOPBACK, Folder


def test_a_second_supervisor_is_told_who_has_the_folder(folder: Folder, var: Path) -> None:
    lock = folder.lock()
    with pytest.raises(AlreadyRunning, match=f"already running .process {os.getpid()}"):
        Folder(var).lock()
    os.close(lock)
    os.close(Folder(var).lock())


def test_a_folder_is_taken_until_the_last_child_of_a_dead_supervisor_is_gone(
    folder: Folder,
) -> None:
    lock = folder.lock()
    with subprocess.Popen(["/bin/sleep", "0.5"], pass_fds=(lock,)):
        os.pwrite(lock, b"999999999 ", 0)  # the supervisor's number, and nobody has it
        os.close(lock)
        assert folder.is_taken()
        began = time.monotonic()
        os.close(folder.lock())
        assert time.monotonic() - began > 0.2
    assert not folder.is_taken()


def test_a_secret_stays_and_only_its_owner_reads_it(folder: Folder, var: Path) -> None:
    secret = folder.secret("password")
    assert Folder(var).secret("password") == secret
    assert len(secret) >= 32
    assert stat.S_IMODE((var / "password").stat().st_mode) == 0o600


def test_two_folders_have_two_secrets(folder: Folder, tmp_path: Path) -> None:
    assert folder.secret("password") != Folder(tmp_path).secret("password")


def test_a_port_is_remembered(folder: Folder, var: Path) -> None:
    folder.choose_ports(gateway=0)
    port = folder.port("gateway")
    Folder(var).choose_ports(gateway=0, valkey=0)
    assert Folder(var).port("gateway") == port


def test_a_port_that_somebody_else_has_is_passed_over(folder: Folder) -> None:
    with socket.create_server((LOOPBACK, 0)) as taken:
        port = taken.getsockname()[1]
        folder.choose_ports(gateway=port)
        assert folder.port("gateway") != port


def test_a_port_wished_for_is_given_when_it_is_free(folder: Folder) -> None:
    with socket.create_server((LOOPBACK, 0)) as free:
        port = free.getsockname()[1]
    folder.choose_ports(gateway=port)
    assert folder.port("gateway") == port


def test_a_port_is_none_that_an_outgoing_connection_may_get(folder: Folder) -> None:
    folder.choose_ports(postgres=0, valkey=0, gateway=0)
    first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert all(folder.port(name) < first for name in ("postgres", "valkey", "gateway"))
