"""Tests of the addresses that the service may connect to."""

import pytest

from shared.public_addresses import is_public, public_url_error

PUBLIC = ("8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808")
NOT_PUBLIC = (
    *("0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "169.254.169.254", "172.16.0.1"),  # noqa: S104
    *("192.168.0.1", "198.18.0.1", "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
    *("::", "::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::7f00:1", "64:ff9b::7f00:1"),
    *("64:ff9b:1::1", "2001:db8::1", "2001::1", "2002:7f00:1::", "fc00::1", "fe80::1"),
    *("fe80::1%eth0", "fec0::1", "ff0e::1", "hooks.example.com", ""),
)


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_an_address_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("https://hooks.example.com:8443/path", None),
        ("https://8.8.8.8", None),
        ("https://[2606:4700::1111]", None),
        ("http://hooks.example.com", "the scheme must be https"),
        ("https://LOCALHOST./", "localhost is not a public address"),
        ("https://a.localhost", "a.localhost is not a public address"),
        ("https://[::1]:443", "::1 is not a public address"),
        ("https://127.1", "127.1 is not a public address"),
    ],
)
def test_what_a_url_itself_says(url: str, error: str | None) -> None:
    assert public_url_error(url) == error
