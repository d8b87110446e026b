"""A value for a variable of which its template brings no sample: what its name suggests."""

_INVENTED = (  # the first that a variable's name holds
    ("code", "424242"),
    ("url", "https://example.com/…"),
    ("link", "https://example.com/…"),
    ("mail", "ana@example.com"),
    ("name", "Ana"),
    ("number", "1042"),
    ("count", 3),
    ("minutes", 10),
    ("hours", 24),
    ("days", 7),
    ("amount", "24.90"),
    ("total", "24.90"),
    ("price", "24.90"),
    ("date", "2026-03-04"),
    ("time", "10:15"),
)


def invented(name: str) -> object:
    return next((value for part, value in _INVENTED if part in name.lower()), f"({name})")
