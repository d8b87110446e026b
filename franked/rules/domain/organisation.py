"""The organisational domain: what somebody registered, below a public suffix (https://publicsuffix.org)."""

from functools import cache

from publicsuffixlist import PublicSuffixList


def organisational(domain: str) -> str:
    """`domain` in A-labels. A public suffix itself belongs to nobody else: it stands for itself."""
    return _suffixes().privatesuffix(domain.casefold()) or domain.casefold()


def is_below(domain: str, other: str) -> bool:
    return domain.casefold().endswith(f".{other.casefold()}")


@cache
def _suffixes() -> PublicSuffixList:
    """The list comes with the library, as constants do."""
    return PublicSuffixList()
