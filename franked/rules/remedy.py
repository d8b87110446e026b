"""What a reason means, in words, and what releases the message: for whoever sent it, and for whoever is asked about it.

Commands stand between backquotes, and can be run as they are.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from shlex import quote

from franked.rules.message import State


@dataclass(frozen=True, slots=True)
class Remedy:
    """`means` and `way_out` make one sentence. `{id}` is the message's, `{to}` its recipient as
    a shell takes it, `{argument}` the same where a command takes it without an option."""

    means: str
    way_out: str


_REPLAY = "when that is mended, `franked dead replay {id}` sends it again"
_AGAIN = "send it as a new message if it is still wanted"

REMEDIES: Mapping[State, Mapping[str | None, Remedy]] = {
    State.HELD: {
        "sandbox": Remedy(
            "SES keeps this account in its sandbox, where only verified recipients get mail",
            "verify this one with `franked verify {argument}`, or get production access; the mail goes by itself then",
        ),
        "not_approved": Remedy(
            "nobody has approved this version of its template",
            "`franked templates` says where it stands; it goes by itself once a second person has approved it",
        ),
        "loop_not_proven": Remedy(
            "nothing has proven yet that bounces and complaints come back",
            "`franked canary` says how far that is, or what is broken; it goes by itself once the canary has passed",
        ),
        "unknown_outcome": Remedy(
            "nobody knows whether SES took it",
            "an event from SES settles it by itself; if you know that nothing came, "
            '`franked dead release {id} --why "nothing came"` sends it again',
        ),
        "unreadable_variables": Remedy(
            "it was sealed with another key than the one Franked has now",
            "bring that key back (secret.key, or FRANKED_STORE_SECRET) and start Franked again; it goes by itself then",
        ),
    },
    State.DROPPED: {
        "expired": Remedy(
            "its time was over before it could go",
            f"{_AGAIN}; `useful_for` of the stream says how long a mail may wait",
        ),
        "suppressed": Remedy(
            "this address must not be mailed",
            "`franked suppressions --address {to}` says why and since when, and `franked suppressions lift` ends it",
        ),
        "left": Remedy("the reader has left this topic", "only the reader can come back to it"),
        "no_consent": Remedy(
            "the reader has not asked for this topic", "marketing goes only to who has confirmed that they want it"
        ),
        "rate_limited": Remedy(
            "this mailbox or this API key had its share",
            f"{_AGAIN}, later; `per_recipient` of the stream and `franked keys` say how many may go",
        ),
        "stale_trigger": Remedy(
            "the act that asked for it was too long ago", "`trigger_within` of the stream says how old an act may be"
        ),
        "stream_removed": Remedy("its stream is no longer in franked.toml", f"declare the stream again, and {_AGAIN}"),
        "erased": Remedy(
            "its recipient's data was erased before it went",
            "nothing is sent there any more, and nothing is kept of it",
        ),
        "account_deleted": Remedy(
            "the account that its trigger names was deleted",
            "a deleted account gets only mail of the streams that were kept for it; see docs/privacy.md",
        ),
        "cancelled": Remedy("it was taken back before it went", _AGAIN),
        "unknown_outcome": Remedy(
            "nobody knows whether SES took it", "`if_unknown` of the stream rather loses a mail than sends it twice"
        ),
    },
    State.REFUSED: {
        "template_error": Remedy(
            "the template can't be written with these variables",
            f"the story's last attempt says which; mend them or the template, and {_AGAIN}",
        ),
        "message_rejected": Remedy(
            "SES refuses this mail", "the story's last attempt has SES's own words; what it names must change"
        ),
        "not_verified": Remedy(
            "SES has not verified whom this mail is from, or, in the sandbox, whom it is to",
            f"the story's last attempt names it; verify it with `franked verify`, and {_AGAIN}",
        ),
        "bad_request": Remedy(
            "SES does not take this mail as it is",
            "the story's last attempt has SES's own words; what it names must change",
        ),
        "too_large": Remedy("the mail is larger than SES takes", "send it with less in it, or with a link instead"),
    },
    State.DEAD: {
        "server_error": Remedy("SES answered each try with an error of its own", _REPLAY),
        "our_fault": Remedy("Franked itself failed before each call", _REPLAY),
    },
    State.UNKNOWN: {
        None: Remedy(
            "SES was called and has not answered", "an event settles it, or `if_unknown` of the stream in some minutes"
        ),
    },
}


def remedy_for(state: State, reason: str | None) -> Remedy | None:
    """None where nothing is in the message's way."""
    return REMEDIES.get(state, {}).get(reason)


def hint(state: State, reason: str | None, to: str, message_id: str) -> str | None:
    """The whole sentence. `to`: the recipient's one bare address."""
    found = remedy_for(state, reason)
    if found is None:
        return None
    sentence = f"{found.means[0].upper()}{found.means[1:]}: {found.way_out}."
    return sentence.replace("{id}", message_id).replace("{argument}", _argument(to)).replace("{to}", quote(to))


def _argument(address: str) -> str:
    """Some addresses begin like an option."""
    return f"-- {quote(address)}" if address.startswith("-") else quote(address)
