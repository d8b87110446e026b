"""What is played, of a seed: mails of several streams, what SES says of each, and when that comes in."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

BEGIN = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
LASTS = timedelta(days=5)
AT_ONCE = 500  # arrivals that come in together
NEAR, FAR = 2_000, 0.1  # how far an arrival moves: a window of so many, or now and then this share of all
DOMAINS = ("gmail.com", "outlook.com", "web.de", "example.org", "example.net", "simulator.amazonses.com")
STREAMS = ("sign-in-code", "receipt", "digest", "offer", "booking")
ANSWER = "answer"  # not SES's event, but its answer to the call that sent the mail
DELAYS, READ = ("delay", "delay again"), ("open", "click", "something new")
FATES = (
    *[("delivery",)] * 10,
    ("delivery", "complaint"),
    ("delivery", "complaint", "complaint again"),
    ("delivery", "praise"),
    ("delivery", "unsigned"),
    ("delivery", "bounced after all"),
    ("bounce",),
    ("bounce", "echo"),
    ("echo",),
    ("soft bounce", "soft bounce again", "delivery"),
    ("soft bounce",),
    ("undetermined",),
    ("reject",),
    ("rendering failure", "reject"),
    ("left", "delivery"),
    (),
)


@dataclass(frozen=True, slots=True)
class Mail:
    """`is_ours`: else somebody else sent it through the account, to several. `has_tags`: what SES says of it bears our
    tags. `is_answered`: else nobody knows from the call whether SES took it."""

    number: int
    stream: str
    to: tuple[str, ...]
    is_ours: bool
    has_tags: bool
    is_answered: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """`arrivals`: which mail, and what is said of it; in the order in which that comes in."""

    mails: Sequence[Mail]
    arrivals: Sequence[tuple[Mail, str]]
    duplicates: int

    @property
    def batches(self) -> Iterator[tuple[datetime, Sequence[tuple[Mail, str]]]]:
        number = -(-len(self.arrivals) // AT_ONCE)
        for place in range(number):
            yield BEGIN + LASTS * place / number, self.arrivals[place * AT_ONCE : (place + 1) * AT_ONCE]


def plan_of(events: int, seed: int) -> Plan:
    """At least so many events, of which about one in six is a duplicate. The answers come on top."""
    chance = Random(seed)
    mails: list[Mail] = []
    placed: list[tuple[float, Mail, str]] = []
    told = duplicates = 0
    while told < events:
        mail = _mail(len(mails), events, chance)
        mails.append(mail)
        for word in _life(mail, chance):
            copies = 1 if word == ANSWER else chance.choices((1, 2, 3), (17, 2, 1))[0]
            placed += [(_place(told, events, chance), mail, word) for _ in range(copies)]
            told += copies * (word != ANSWER)
            duplicates += copies - 1
    placed.sort(key=lambda one: one[0])
    return Plan(mails, [(mail, word) for _, mail, word in placed], duplicates)


def _mail(number: int, events: int, chance: Random) -> Mail:
    """To one of so many people that some hear more than once."""
    is_ours = chance.random() < 0.94
    several = 1 if is_ours else chance.choice((1, 1, 2, 3))
    people = [f"p{chance.randrange(events // 10 + 10)}@{chance.choice(DOMAINS)}" for _ in range(several)]
    has_tags = is_ours and chance.random() < 0.85
    is_answered = is_ours and chance.random() < 0.92
    return Mail(number, chance.choice(STREAMS), tuple(sorted(set(people))), is_ours, has_tags, is_answered)


def _life(mail: Mail, chance: Random) -> Iterator[str]:
    if mail.is_ours:
        yield ANSWER
    if chance.random() < 0.97:
        yield "send"
    if chance.random() < 0.1:
        yield from DELAYS[: chance.choice((1, 2))]
    fate = chance.choice(FATES)
    yield from fate
    if "delivery" in fate and chance.random() < 0.2:
        yield chance.choice(READ)


def _place(told: int, events: int, chance: Random) -> float:
    return told + chance.uniform(0, events * FAR if chance.random() < 0.03 else min(NEAR, events * FAR))
