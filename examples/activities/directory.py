"""What there is to do: the directory, seeded once."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..common.database import Database

SCHEMA = """
CREATE TABLE IF NOT EXISTS activities (
  title TEXT PRIMARY KEY, topic TEXT NOT NULL, place TEXT NOT NULL, day TEXT NOT NULL, about TEXT NOT NULL
) STRICT;
"""
_SEED = (
    ("Climbing for beginners", "sport", "Hall North", "Tuesday", "Ropes and shoes are there; bring water."),
    ("Swimming for children", "sport", "East Pool", "Saturday", "From six years on, in groups of eight."),
    ("Morning tai chi", "sport", "Garden Green", "every day", "At seven, on the lawn; in the rain under the roof."),
    ("Open pottery studio", "craft", "Studio 12", "Thursday", "Two wheels and a kiln. Clay is paid by weight."),
    ("Repair together", "craft", "Community House", "first Sunday", "Bring what is broken, and time."),
    ("Choir without auditions", "music", "Old Library", "Monday", "Everybody sings; nobody sings alone."),
    ("Ukulele circle", "music", "Community House", "Friday", "Five instruments can be borrowed."),
    ("Birds at the reservoir", "nature", "West Gate", "Sunday", "Two hours at a slow pace. Binoculars help."),
    ("Community garden", "nature", "Garden Green", "Wednesday", "Everyone waters; whoever weeds may harvest."),
    ("Board games night", "play", "Old Library", "Friday", "Forty games, and people who know the rules."),
)


@dataclass(frozen=True, slots=True)
class Activity:
    title: str
    topic: str
    place: str
    day: str
    about: str


class Directory:
    def __init__(self, database: Database) -> None:
        self._database = database
        with database.open() as db:
            db.executemany("INSERT OR IGNORE INTO activities VALUES (?, ?, ?, ?, ?)", _SEED)

    def topics(self) -> Sequence[str]:
        with self._database.open() as db:
            return [row["topic"] for row in db.execute("SELECT DISTINCT topic FROM activities ORDER BY topic")]

    def about(self, topic: str | None = None) -> Sequence[Activity]:
        """All of them without a topic."""
        with self._database.open() as db:
            rows = db.execute("SELECT * FROM activities WHERE ? IN (topic, '') ORDER BY title", (topic or "",))
            return [Activity(*row) for row in rows]
