"""Abuse is limited by networks."""

import pytest

from franked.rules.network import network_of


@pytest.mark.parametrize(
    ("ip", "network"),
    [
        ("192.0.2.17", "192.0.2.17"),
        ("::ffff:192.0.2.17", "192.0.2.17"),
        ("2001:db8:0:7:ffff::1", "2001:db8:0:7::/64"),
        ("::1", "::/64"),
        ("192.0.2", None),
        ("", None),
    ],
)
def test_a_caller_is_an_address_or_a_network(ip: str, network: str | None) -> None:
    assert network_of(ip) == network
