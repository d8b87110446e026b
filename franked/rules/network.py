"""Who is counted as one caller."""

from ipaddress import IPv6Network, ip_address


def network_of(ip: str) -> str | None:
    """An IPv4 address, or an IPv6 /64 (one subscriber has 2^64). None: it is neither."""
    try:
        address = ip_address(ip.strip())
    except ValueError:
        return None
    if address.version == 6:
        mapped = address.ipv4_mapped
        return str(mapped or IPv6Network((int(address) >> 64 << 64, 64)))
    return str(address)
