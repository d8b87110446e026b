"""The headers by which a mail program puts an answer below the mail that it answers."""

_ITS_OWN = {"us-east-1": "email.amazonses.com"}


def message_id(ses_id: str, region: str) -> str:
    """The Message-ID that SES writes over every other: made of the id that its API answers with."""
    return f"<{ses_id}@{_ITS_OWN.get(region, f'{region}.amazonses.com')}>"


def answering(to: str) -> tuple[tuple[str, str], ...]:
    """RFC 5322, of a mail that begins its thread. `to`: its Message-ID."""
    return (("In-Reply-To", to), ("References", to))
