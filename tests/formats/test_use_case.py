"""The use case as the API takes it: 5,000 characters, and what AWS asks first."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from franked.declaring import declare
from franked.formats.request import LONGEST_USE_CASE, fields_of, markdown
from franked.rules.letter import Letter, Sentence
from franked.rules.promise import Section
from franked.settings import read

EXAMPLES = Path(__file__).parents[2] / "examples"
AT = datetime(2026, 3, 4, 10, 15, tzinfo=UTC)
ASKED = {  # by the console: how the list is built, bounces and complaints, opting out, how the quota was chosen
    Section.RECIPIENTS: "How recipients asked for it.",
    Section.BOUNCES: "What becomes of bounces.",
    Section.VOLUMES: "How much it is.",
}


def letter(streams: int, said: int = 120) -> Letter:
    """A letter about so many streams, of which so much is said."""
    of_streams = [
        sentence
        for number in range(streams)
        for sentence in (
            Sentence(Section.STREAMS, "stream", f"s{number}", f"stream-{number} {'x' * said}.", ()),
            Sentence(Section.STREAMS, "volume_planned", f"s{number}", f"Volume: {number} a day.", ()),
        )
    ]
    leaving = [
        Sentence(Section.LEAVING, "can_be_left", f"s{number}", f"stream-{number} is left.", ())
        for number in range(streams)
    ]
    asked = [Sentence(section, "asked", "", text, ()) for section, text in ASKED.items()]
    in_order = sorted([*of_streams, *leaving, *asked], key=lambda one: list(Section).index(one.section))
    sections = {section: section.value for section in Section}
    return Letter(AT, {"Company": "Shop"}, sections, tuple(in_order), (), (), (), rehearsal=False)


def use_case(of: Letter) -> str:
    declared = declare(read(EXAMPLES / "meet/franked.toml", {}), None)
    return fields_of(of, declared).use_case


def test_a_short_letter_is_there_whole_and_in_its_order() -> None:
    text = use_case(letter(2))
    assert "The full letter" not in text
    places = [text.index(f"{section.value}: ") for section in Section if f"{section.value}: " in text]
    assert places == sorted(places)
    assert "stream-1" in text


@pytest.mark.parametrize("streams", [13, 20, 60, 200])
def test_of_a_long_one_what_aws_asks_has_room_first(streams: int) -> None:
    """C14: a product of thirteen streams had no room left for its bounces."""
    text = use_case(letter(streams, 400))
    assert len(text) <= LONGEST_USE_CASE
    assert all(said in text for said in ASKED.values())
    assert "leaving: stream-0 is left." in text
    assert "streams: stream-0 " in text or streams > 60
    assert text.endswith("The full letter, with its evidence, is at hand.")


def test_a_long_one_says_more_shortly_what_it_can_and_so_names_every_stream() -> None:
    """A reviewer who reads of one stream of thirteen is misled."""
    names = [f"stream-{number}" for number in range(13)]
    short = {
        Section.STREAMS: [f"{name}: its purpose." for name in names],
        Section.LEAVING: [f"Left by a link: {', '.join(names)}."],
    }
    long = replace(letter(13, 400), short=short)
    text = use_case(long)
    assert all(f"{name}: its purpose." in text for name in names)
    assert f"leaving: Left by a link: {', '.join(names)}." in text
    assert "x" * 100 not in text
    assert "its purpose" not in use_case(replace(letter(2), short=short))  # there is room for all


def test_no_sentence_is_cut_in_two() -> None:
    text = use_case(letter(40, 200))
    assert text.count("x" * 200 + ".") == text.count("Volume: ")


def test_what_is_said_of_a_stream_is_one_point() -> None:
    one = replace(letter(2), head={"Company": "Shop"})
    lines = [line for line in markdown(one).splitlines() if line.startswith("- stream-1 x")]
    assert lines == [f"- stream-1 {'x' * 120}. Volume: 1 a day."]
