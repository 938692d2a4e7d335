"""Resolves the host of a webhook once, and checks every address that it has."""

import asyncio
import socket
import threading
from collections.abc import Sequence
from contextlib import suppress

from shared.public_addresses import is_public

MAX_ADDRESSES = 4
"""Addresses of one name that are tried."""


class UnusableHost(Exception):
    """Nothing may be sent to this host; the message says why."""


async def resolve(host: str, port: int, *, allow_local: bool) -> Sequence[str]:
    """The first addresses of a host, all of which are public.

    The caller connects to one of them, not to the name, which may have other addresses by then.

    Raises:
        UnusableHost: the name has no address, or one that is not public.
    """
    addresses = await _look_up(host, port)
    if not addresses:
        raise UnusableHost(f"The name {host} cannot be resolved.")
    # The message contains no address: it would tell what names mean in this network
    if not allow_local and not all(map(is_public, addresses)):
        raise UnusableHost(f"{host} has an address that is not public; nothing is sent to it.")
    return addresses[:MAX_ADDRESSES]


async def _look_up(host: str, port: int) -> list[str]:
    """The addresses of a host, without repetitions; none if it cannot be resolved.

    The system's resolver runs in a thread of its own that does not delay the exit of the process:
    a look-up cannot be cancelled, and may take longer than its caller waits.
    """
    loop = asyncio.get_running_loop()
    found: asyncio.Future[list[str]] = loop.create_future()

    def look_up() -> None:
        """Call the resolver, and hand over the addresses unless the loop was closed meanwhile."""
        addresses = _addresses(host, port)
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(_resolve, found, addresses)

    threading.Thread(target=look_up, name="resolve", daemon=True).start()
    return await found


def _resolve(found: asyncio.Future[list[str]], addresses: list[str]) -> None:
    if not found.done():  # the caller may have stopped waiting
        found.set_result(addresses)


def _addresses(host: str, port: int) -> list[str]:
    try:
        entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):  # the latter for a label that is too long
        return []
    return list(dict.fromkeys(str(entry[4][0]) for entry in entries))
