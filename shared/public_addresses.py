"""Which addresses the service may connect to for a user: public ones.

A user's URL must not reach what only this machine or its network can reach: databases, metadata of
a cloud, other services.
"""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

NAT64 = IPv6Network("64:ff9b::/96")
"""The last four bytes are an IPv4 address (RFC 6052)."""
GLOBAL_UNICAST = IPv6Network("2000::/3")
TUNNELS = (IPv6Network("2002::/16"), IPv6Network("2001::/32"))
"""6to4 and Teredo: a relay delivers to the IPv4 address that they contain."""


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet; also not, if it is none at all."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, IPv6Address):
        embedded = _embedded(parsed)
        if embedded is None:
            return _is_public_v6(parsed)
        parsed = embedded
    return parsed.is_global and not parsed.is_multicast and not parsed.is_reserved


def _embedded(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address with which a connection to this address would be made."""
    if address in NAT64:
        return IPv4Address(address.packed[-4:])
    return address.ipv4_mapped


def _is_public_v6(address: IPv6Address) -> bool:
    is_tunnel = any(address in network for network in TUNNELS)
    return address in GLOBAL_UNICAST and address.is_global and not is_tunnel


def public_url_error(url: str) -> str | None:
    """Why nothing is sent to a URL, as far as the URL itself says; None if it may be public.

    What its name resolves to has to be checked when it is used.
    """
    parts = urlsplit(url)
    if parts.scheme != "https":
        return "the scheme must be https"
    host = (parts.hostname or "").rstrip(".")
    is_address = ":" in host or host.replace(".", "").isdigit()
    if host == "localhost" or host.endswith(".localhost") or (is_address and not is_public(host)):
        return f"{host} is not a public address"
    return None
