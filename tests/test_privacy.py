"""docs/privacy.md tells of every column that there is, and of no other (D8)."""

from pathlib import Path

from franked.backends.sql.privacy import page, purposes, stored

PAGE = Path(__file__).parents[1] / "docs" / "privacy.md"


def test_every_column_of_the_record_has_its_purpose() -> None:  # D8
    """A new one has its line in franked/backends/sql/privacy.toml."""
    told = {name: sorted(shelf.columns) for name, shelf in purposes().items()}
    assert told == {name: sorted(columns) for name, columns in stored().items()}


def test_every_purpose_is_said() -> None:  # D8
    for shelf in purposes().values():
        assert all([shelf.about, shelf.until, *shelf.columns.values()])


def test_a_table_with_addresses_is_told_to_hold_something_of_a_person() -> None:
    for name, columns in stored().items():
        if {"address_key", "recipient", "account", "message_id", "trigger_by"} & set(columns):
            assert purposes()[name].person, name


def test_the_page_is_made_from_it() -> None:
    assert PAGE.read_text() == page(), "renew it: python -m franked.backends.sql.privacy > docs/privacy.md"
