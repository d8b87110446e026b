"""Two lists that have drifted apart, by a seed: what stands on each, and what must stand on each in the end."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random

from franked.rules.suppression import SOFT_REST, Suppression, Why


class Story(StrEnum):
    BOTH = "both"  # in another case
    THEIRS = "theirs"
    OURS = "ours"
    LIFTED = "lifted"
    DIFFERING = "differing"
    MANUAL = "manual"
    SOFT = "soft"
    ERASED = "erased"
    RELISTED = "relisted"  # by SES, after it was lifted here


SHARES = {  # of a hundred
    Story.BOTH: 60,
    Story.THEIRS: 15,
    Story.OURS: 10,
    Story.LIFTED: 5,
    Story.DIFFERING: 3,
    Story.MANUAL: 3,
    Story.SOFT: 2,
    Story.ERASED: 1,
    Story.RELISTED: 1,
}
_WHY = {"BOUNCE": Why.HARD_BOUNCE, "COMPLAINT": Why.COMPLAINT}


@dataclass(frozen=True, slots=True)
class Person:
    key: str
    spelled: str  # at SES
    reason: str
    story: Story

    @property
    def is_at_ses(self) -> bool:
        return self.story not in {Story.OURS, Story.MANUAL, Story.SOFT}

    @property
    def at_ses_then(self) -> str | None:
        gone = {Story.LIFTED, Story.ERASED, Story.MANUAL, Story.SOFT}
        return None if self.story in gone else self.reason

    @property
    def here_then(self) -> Why | None:
        match self.story:
            case Story.LIFTED:
                return None
            case Story.ERASED:
                return Why.ERASED
            case Story.MANUAL:
                return Why.MANUAL
            case Story.SOFT:
                return Why.SOFT_BOUNCES
            case Story.DIFFERING:
                return Why.COMPLAINT
            case _:
                return self.why

    @property
    def why(self) -> Why:
        return _WHY[self.reason]

    def ours(self, at: datetime) -> Suppression | None:
        """At the beginning; what is to be lifted, too."""
        match self.story:
            case Story.THEIRS:
                return None
            case Story.MANUAL:
                return Suppression(self.key, Why.MANUAL, at, source="shop: by phone")
            case Story.SOFT:
                return Suppression(self.key, Why.SOFT_BOUNCES, at, at + SOFT_REST)
            case Story.DIFFERING:
                return Suppression(self.key, Why.COMPLAINT, at)
            case _:
                return Suppression(self.key, self.why, at)


def people(count: int, seed: int) -> Iterator[Person]:
    chance = Random(seed)
    stories = chance.choices(list(Story), list(SHARES.values()), k=count)
    for number, story in enumerate(stories):
        key = f"person.{number}+{chance.randrange(100)}@{chance.choice(['example.com', 'mail.example.net'])}"
        reason = "BOUNCE" if story is Story.DIFFERING else chance.choice(["BOUNCE", "BOUNCE", "COMPLAINT"])
        yield Person(key, _cased(key, chance), reason, story)


def _cased(key: str, chance: Random) -> str:
    return "".join(chance.choice([letter, letter.upper()]) for letter in key)


def drift(everybody: list[Person], here: Mapping[str, Suppression | None], at_ses: Mapping[str, set[str]]) -> list[str]:
    """What is not as it must be. `at_ses`: reasons by case-folded address."""
    return [
        f"{one.story}: {one.key}"
        for one in everybody
        if _why(here[one.key]) is not one.here_then
        or at_ses.get(one.key, set()) != ({one.at_ses_then} if one.at_ses_then else set())
    ]


def _why(standing: Suppression | None) -> Why | None:
    return standing.why if standing else None


HOUR = timedelta(hours=1)
