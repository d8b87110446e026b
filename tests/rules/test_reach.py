"""Which addresses a webhook may be sent to: nothing inside is reached by a name that leads there."""

import pytest

from franked.rules.reach import is_allowed, may_be_called, network

PUBLIC = ["93.184.216.34", "8.8.8.8", "2606:4700:4700::1111", "2a00:1450:4001:81b::200e", "64:ff9b::808:808"]
INSIDE = [
    "127.0.0.1",
    "127.9.9.9",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "192.0.0.170",
    "192.88.99.1",
    "198.18.0.1",
    "203.0.113.7",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "fc00::1",
    "fd00:ec2::254",
    "ff02::1",
    "ff0e::1",
    "2001:db8::1",
    "3fff::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::808:808",
    "2002:7f00:1::1",
    "2002:a9fe:a9fe::1",
    "2001:0:7f00:1::",
    "2a00::5efe:7f00:1",
    "2a00::200:5efe:a00:1",
]


@pytest.mark.parametrize("ip", PUBLIC)
def test_a_public_address_may_be_called(ip: str) -> None:
    assert may_be_called(ip, ())


@pytest.mark.parametrize("ip", [*INSIDE, "", "localhost", "127.1", "2130706433", "0x7f000001"])
def test_nothing_inside_may_be_called(ip: str) -> None:
    assert not may_be_called(ip, ())


def test_an_endpoint_may_name_networks_that_are_not_public() -> None:
    allow = (network("127.0.0.0/8"), network("fd12::/16"))
    assert may_be_called("127.0.0.1", allow)
    assert may_be_called("::ffff:127.0.0.1", allow)
    assert may_be_called("fd12::1", allow)
    assert not may_be_called("10.0.0.1", allow)
    assert not may_be_called("::1", allow)
    assert is_allowed("127.0.0.1", allow)
    assert not is_allowed("8.8.8.8", allow)
    assert not is_allowed("no address", allow)


@pytest.mark.parametrize("ip", ["169.254.169.254", "::ffff:169.254.169.254", "fe80::1", "fd00:ec2::254", "0.0.0.0"])
def test_where_a_cloud_keeps_credentials_is_named_by_nobody(ip: str) -> None:
    assert not may_be_called(ip, (network("0.0.0.0/0"), network("::/0")))
