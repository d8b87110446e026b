"""Topics as the settings declare them, with errors that name the line and the field."""

from pathlib import Path

import pytest

from franked.rules.consent import Topic
from franked.settings import SettingsFault, read
from franked.settings.describe import describe
from tests.product import TOML

MORE = """
[streams.news]
kind = "marketing"
purpose = "What is new"
topic = "news"
"""
ASKS = """
[streams.asks]
kind = "transactional"
purpose = "Asks whether it was they who subscribed"
secret = true
"""


def topics(folder: Path, text: str) -> dict[str, Topic]:
    file = folder / "franked.toml"
    file.write_text(TOML + MORE + text)
    return dict(read(file, {}).topics)


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(SettingsFault) as caught:
        topics(folder, text)
    return str(caught.value)


def test_a_topic_has_its_texts_in_its_reader_s_language_or_its_name(tmp_path: Path) -> None:
    text = '[topics.news]\ntitle = {en = "News", de = "Neues"}\ndescription = "Weekly"\n'
    found = topics(tmp_path, text)
    news = found["news"]
    assert [news.title_in(one) for one in ("en", "de", "de-CH", "fr")] == ["News", "Neues", "Neues", "News"]
    assert news.description_in("de") == "Weekly"
    assert found["digests"] == Topic("digests")  # only a stream names it
    assert found["digests"].title_in("de") == "digests"
    settings = read(tmp_path / "franked.toml", {})
    shown = {one.name: one.value for one in describe(settings)}
    assert shown["topics.news.title"] == "en: News, de: Neues"
    assert shown["topics.digests.title"] == "the topic's name"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[topics.news]\ntitle = 1\n", "[topics.news] title: 1 is not a line of text, or one by language"),
        ('[topics.news]\ntitle = {EN = "x"}\n', "see 'EN'"),
        ('[topics.news]\ntitle = {en = ""}\n', "see 'en'"),
        ("[topics.news]\ntitle = {}\n", "[topics.news] title: {} is not"),
        ('[topics.news]\ntitel = "x"\n', "[topics.news] titel: there is no such setting; did you mean title?"),
        ('[topics."The News"]\ntitle = "x"\n', "the name of a topic is of a to z"),
        ('[topics]\nnews = "x"\n', "a topic is a section of its own: write [topics.news]"),
        ("[topic.news]\n", "[topic]: there is no such section; did you mean [topics]?"),
        (
            '[streams.tips]\nkind = "notification"\npurpose = "p"\ntopic = "news"\n',
            "[streams.tips] topic: 'news' is the topic of [streams.news], which is marketing",
        ),
        ('[subscriptions]\nstream = "askz"\n' + ASKS, "there is no [streams.askz]; did you mean asks?"),
        ('[subscriptions]\nstream = "receipt"\n', "it must be transactional, have no topic, and be secret"),
        ('[subscriptions]\nstream = "asks"\n' + ASKS + 'content = "inline"\n', "a template must write it"),
        ('[subscriptions]\nper_ip = "many"\n', '[subscriptions] per_ip: "many" is not a limit such as 5/hour'),
    ],
)
def test_what_is_wrong_with_a_topic_is_told_with_its_line(tmp_path: Path, text: str, told: str) -> None:
    said = refusal(tmp_path, text)
    assert told in said
    assert "franked.toml:" in said


def test_a_stream_of_one_s_own_may_ask(tmp_path: Path) -> None:
    topics(tmp_path, '[subscriptions]\nstream = "asks"\nvalid_for = "24h"\n' + ASKS)
    asking = read(tmp_path / "franked.toml", {}).subscriptions.asking
    assert (asking.stream, asking.valid_for.total_seconds()) == ("asks", 86400)
