"""Ports: which are free, and who listens on the others."""

import os
import socket
from collections.abc import Iterator

import pytest

from deploy.local.errors import PortNotFree, StackError
from deploy.local.machine import ports, processes


@pytest.fixture(params=[socket.AF_INET, socket.AF_INET6])
def busy(request: pytest.FixtureRequest) -> Iterator[int]:
    """A port on which this process listens, for IPv4 alone or also for IPv6."""
    family = request.param
    dual = family is socket.AF_INET6
    with socket.create_server(("", 0), family=family, dualstack_ipv6=dual) as listener:
        yield listener.getsockname()[1]


@pytest.fixture
def free() -> int:
    with socket.create_server((ports.LOOPBACK, 0)) as listener:
        return int(listener.getsockname()[1])


def test_the_first_free_port_is_chosen(busy: int, free: int) -> None:
    assert ports.first_free([busy, free, busy]) == free
    with pytest.raises(StackError, match="No port is free"):
        ports.first_free([busy])


def test_a_required_port_that_is_free_is_accepted(free: int) -> None:
    ports.require_free(free)


def test_a_required_port_in_use_names_the_process_and_the_setting(busy: int) -> None:
    expected = rf"^Port {busy} is in use by .*\(process {os.getpid()}\): stop that process, or set "
    with pytest.raises(PortNotFree, match=expected + r"OSTINATO_PORT to .*such as \d{5}\.$"):
        ports.require_free(busy)


def test_a_required_port_that_is_not_allowed_names_the_reason(
    free: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ports below 1024 are for root, which this test may be."""

    def deny(port: int) -> None:
        if port == free:
            raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(ports, "_bind", deny)
    expected = f"Port {free} is not available .Permission denied.: set OSTINATO_PORT"
    with pytest.raises(PortNotFree, match=expected):
        ports.require_free(free)


def test_a_listener_that_this_user_may_not_inspect_is_of_another_user(
    busy: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "owner_of_socket", lambda _inode: None)
    assert ports.listener(busy) == "a process of another user"


def test_a_port_without_a_listener_has_no_process(free: int) -> None:
    assert ports.listener(free) == "another process"
