"""Hosts and addresses of this machine, however they are written."""

from ipaddress import IPv4Address, IPv6Address

import pytest

from rag.models.llm import parse_model_name
from rag.text.hosts import is_loopback, is_loopback_url, parse_address


@pytest.mark.parametrize(
    "host", ["localhost", "LocalHost", "127.0.0.1", "127.8.9.1", "::1", "[::1]", "::ffff:127.0.0.1", "[::FFFF:7f00:1]"]
)
def test_these_hosts_are_this_machine(host: str) -> None:
    assert is_loopback(host)
    url = f"http://{host if '[' in host or ':' not in host else f'[{host}]'}:11434/v1"
    assert is_loopback_url(url)
    assert parse_model_name(f"m@{url}").stays_here


@pytest.mark.parametrize(
    "host", ["", "localhost.example", "10.0.0.1", "0.0.0.0", "::", "::ffff:10.0.0.1", "2130706433", "127.1", "a b"]
)
def test_other_hosts_are_not(host: str) -> None:
    assert not is_loopback(host)
    assert not is_loopback_url(f"http://{host if ':' not in host else f'[{host}]'}/")


def test_a_mapped_address_is_that_of_ipv4_unless_it_is_wanted_as_it_stands() -> None:
    assert parse_address("::ffff:10.0.0.1") == IPv4Address("10.0.0.1")
    assert parse_address("::ffff:10.0.0.1", unmap=False) == IPv6Address("::ffff:10.0.0.1")
    assert parse_address("example.org") is None
