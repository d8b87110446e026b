"""A page of the product's website, as it was found."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Page:
    """`url`: where it stood in the end, after redirects. `text`: "" where it is none."""

    url: str
    status: int
    content_type: str
    text: str


@dataclass(frozen=True, slots=True)
class Unreached:
    """`why`: a sentence's end. `is_answer`: somebody answered, and that is no page; else nobody did."""

    why: str
    is_answer: bool
