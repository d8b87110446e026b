"""Whose servers take a recipient's mail, as far as the address tells: what rates are split by."""

OTHER = "other"
_DOMAINS = {
    "gmail": ("gmail.com", "googlemail.com"),
    "microsoft": (
        "outlook.com",
        "outlook.de",
        "hotmail.com",
        "hotmail.de",
        "hotmail.fr",
        "live.com",
        "live.de",
        "msn.com",
    ),
    "yahoo": ("yahoo.com", "yahoo.de", "yahoo.fr", "yahoo.co.uk", "ymail.com", "rocketmail.com", "aol.com"),
    "apple": ("icloud.com", "me.com", "mac.com"),
    "gmx and web.de": ("gmx.de", "gmx.net", "gmx.at", "gmx.ch", "gmx.com", "web.de", "mail.com"),
    "telekom": ("t-online.de", "magenta.de"),
    "proton": ("proton.me", "protonmail.com", "pm.me"),
}
_PROVIDERS = {domain: provider for provider, domains in _DOMAINS.items() for domain in domains}


def provider_of(address_key: str | None) -> str:
    return _PROVIDERS.get((address_key or "").rpartition("@")[2], OTHER)
