"""Which IP addresses a webhook may be sent to: public ones, and those that its endpoint names."""

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network
Ip = IPv4Address | IPv6Address

# Where clouds tell a machine its credentials: whatever an endpoint names.
_NEVER = tuple(map(ip_network, ("169.254.0.0/16", "fe80::/10", "fd00:ec2::/32", "0.0.0.0/32", "::/128")))
# What carries another address in itself: https://www.rfc-editor.org/rfc/rfc6052 and 8215
_NAT64 = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_NOT_YET_KNOWN_TO_PYTHON = tuple(map(ip_network, ("3fff::/20", "192.0.0.0/24", "192.88.99.0/24", "100.64.0.0/10")))
_ISATAP = (0x00005EFE, 0x02005EFE)


def network(text: str) -> Network:
    """Raises ValueError."""
    return ip_network(text)


def may_be_called(text: str, allow: Sequence[Network]) -> bool:
    """`text`: an address as the resolver gave it. Every address that it carries within must be public too."""
    try:
        ip = ip_address(text)
    except ValueError:
        return False
    ip = _plain(ip)
    if _within(ip, _NEVER):
        return False
    return _within(ip, allow) or all(map(_is_public, (ip, *_carried(ip))))


def is_allowed(text: str, allow: Sequence[Network]) -> bool:
    """Named by the endpoint, public or not: only there may a call go without TLS."""
    try:
        return _within(_plain(ip_address(text)), allow)
    except ValueError:
        return False


def _plain(ip: Ip) -> Ip:
    mapped = ip.ipv4_mapped if isinstance(ip, IPv6Address) else None
    return mapped or ip


def _within(ip: Ip, networks: Sequence[Network]) -> bool:
    return any(ip in one for one in networks if one.version == ip.version)


def _is_public(ip: Ip) -> bool:
    if ip.is_multicast or ip.is_private or not ip.is_global or _within(ip, _NOT_YET_KNOWN_TO_PYTHON):
        return False
    if isinstance(ip, IPv4Address):
        return not ip.is_reserved
    return ip in _GLOBAL_UNICAST or ip in _NAT64[0]


def _carried(ip: Ip) -> Iterator[IPv4Address]:
    """IPv4 addresses to which a gateway on the way would turn."""
    if isinstance(ip, IPv4Address):
        return
    if ip.sixtofour:
        yield ip.sixtofour
    if ip.teredo:
        yield from ip.teredo
    if _within(ip, _NAT64) or int(ip) >> 32 & 0xFFFFFFFF in _ISATAP:
        yield IPv4Address(int(ip) & 0xFFFFFFFF)
