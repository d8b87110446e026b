"""An answer stands below what it answers."""

from franked.formats.threading import answering, message_id


def test_ses_makes_the_message_id_of_its_own_id_and_the_region() -> None:
    assert message_id("0107-1", "eu-central-1") == "<0107-1@eu-central-1.amazonses.com>"
    assert message_id("0100-1", "us-east-1") == "<0100-1@email.amazonses.com>"


def test_an_answer_names_what_it_answers_twice() -> None:
    assert answering("<a@b>") == (("In-Reply-To", "<a@b>"), ("References", "<a@b>"))
