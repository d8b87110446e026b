"""Words of advertising, which mail that a person needs must not hold; in German and English."""

import re
from collections.abc import Iterator

_PROMOTIONAL = re.compile(
    r"\b(?:"
    # English
    r"discounts?|special offers?|limited offers?|offer ends|(?:great|best|hot) deals?|sale ends|on sale"
    r"|clearance|coupons?|vouchers?"
    r"|promo(?:tion|tions|tional)?(?: codes?)?|buy now|shop now|order now|act now|upgrade now|subscribe now"
    r"|limited time|don['’]t miss|last chance|hurry|best prices?|lowest prices?|money back|risk[- ]free"
    r"|for free|free trial|free gift|free of charge|exclusive(?:ly)? for you|refer a friend|cash bonus"
    # German
    r"|rabatte?s?|sonderangebote?|angebot des (?:tages|monats)|nur (?:noch )?heute|nur für kurze zeit|gutscheine?s?"
    r"|jetzt (?:kaufen|bestellen|zugreifen|sichern|upgraden|abonnieren)|schnäppchen|preisknaller|sparen sie"
    r"|letzte chance|nicht verpassen|gratis|kostenlos testen|geschenkt|exklusiv für sie|bestpreis|aktionspreise?"
    r"|freunde werben|gewinnspiele?|gewinner"
    r")\b|[0-9]\s?% (?:off|rabatt|günstiger|sparen)",
    re.IGNORECASE,
)


def promotional(text: str) -> Iterator[tuple[int, str]]:
    """(lines before it, the word)."""
    for found in _PROMOTIONAL.finditer(text):
        yield text.count("\n", 0, found.start()), found[0]
