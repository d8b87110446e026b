"""Mail that no template wrote: the caller's own words, and attachments that SES will take."""

import pytest

from franked.rules.content import (
    MOST_BYTES,
    Attachment,
    Written,
    faults_of_attachments,
    faults_of_written,
    media_type_of,
)
from franked.rules.filetype import BEGINNINGS, MEDIA_TYPES, PROGRAMS

PDF = b"%PDF-1.7\n"
PNG = b"\x89PNG\r\n\x1a\n"
EXE = b"MZ\x90\x00\x03\x00\x00\x00"


@pytest.mark.parametrize(
    ("written", "fields"),
    [
        (Written("Hello", html="<p>x</p>"), []),
        (Written("Hello 📅", text="x"), []),
        (Written(" ", text="x"), ["subject"]),
        (Written("a\r\nBcc: eve@example.com", text="x"), ["subject"]),
        (Written("a\u2028b", text="x"), ["subject"]),
        (Written("a" * 501, text="x"), ["subject"]),
        (Written("Hello"), ["text"]),
        (Written("Hello", html=" ", text="\n"), ["text"]),
        (Written("", html="x" * 500_001), ["subject", "html"]),
    ],
)
def test_words_of_ones_own_are_a_subject_of_one_line_and_a_part(written: Written, fields: list[str]) -> None:
    assert [field for field, _ in faults_of_written(written)] == fields


@pytest.mark.parametrize(
    "name",
    ["invoice.pdf", "Rechnung für März.pdf", "a.b.pdf", "x.unknown-ending"],
)
def test_an_ordinary_file_goes(name: str) -> None:
    assert list(faults_of_attachments([Attachment(name, media_type_of(name), PDF)])) == []


@pytest.mark.parametrize(
    ("attachment", "field"),
    [
        (Attachment("run.exe", "application/octet-stream", b"MZ"), "0/name"),
        (Attachment("RUN.ExE", "application/octet-stream", b"MZ"), "0/name"),
        (Attachment("invoice.pdf.js", "text/javascript", b"x"), "0/name"),
        (Attachment("run.exe ", "application/octet-stream", b"MZ"), "0/name"),
        (Attachment("run.exe.", "application/octet-stream", b"MZ"), "0/name"),
        (Attachment("noending", "application/pdf", PDF), "0/name"),
        (Attachment("", "application/pdf", PDF), "0/name"),
        (Attachment("..", "application/pdf", PDF), "0/name"),
        (Attachment("../a.pdf", "application/pdf", PDF), "0/name"),
        (Attachment("C:\\a.pdf", "application/pdf", PDF), "0/name"),
        (Attachment('a".pdf', "application/pdf", PDF), "0/name"),
        (Attachment("a\r\nX: y.pdf", "application/pdf", PDF), "0/name"),
        (Attachment("a\u202efdp.exe", "application/pdf", PDF), "0/name"),
        (Attachment("a" * 252 + ".pdf", "application/pdf", PDF), "0/name"),
        (Attachment("a.pdf", "application/pdf; x=y", PDF), "0/media_type"),
        (Attachment("a.pdf", "pdf", PDF), "0/media_type"),
        (Attachment("a.pdf", "a/b\r\nX: y", PDF), "0/media_type"),
        (Attachment("a.pdf", f"application/{'x' * 70}", PDF), "0/media_type"),
        (Attachment("a.pdf", "application/pdf", b""), "0/content"),
        (Attachment("a.pdf", "application/pdf", b"<html>"), "0/content"),
        (Attachment("a.png", "image/png", b"\xff\xd8\xff"), "0/content"),
        (Attachment("a.pdf", "Application/PDF", b"<html>"), "0/content"),
        (Attachment("a.pdf", "application/octet-stream", b"<html>"), "0/content"),  # by its name
        (Attachment("a.pdf", "image/png", PNG), "0/content"),
        (Attachment("a.txt", "text/plain", PDF), "0/content"),
        (Attachment("a.csv", "application/octet-stream", b"PK\x03\x04"), "0/content"),
        (Attachment("a.webp", "image/webp", b"RIFF\x00\x00\x00\x00WAVE"), "0/content"),
        (Attachment("a.docx", MEDIA_TYPES["docx"], PDF), "0/content"),
    ],
)
def test_what_ses_or_a_reader_would_stumble_over_is_refused(attachment: Attachment, field: str) -> None:  # D1
    assert [found for found, _ in faults_of_attachments([attachment])] == [field]


@pytest.mark.parametrize("begins", [EXE, *(one for known in PROGRAMS.values() for one in known)])
@pytest.mark.parametrize("name", ["invoice.pdf", "photo.jpg", "notes.txt", "data.bin"])
def test_a_program_does_not_go_whatever_it_is_called(name: str, begins: bytes) -> None:  # D1
    [(field, why)] = faults_of_attachments([Attachment(name, media_type_of(name), begins + bytes(100))])
    assert (field, "it is a program for " in why) == ("0/content", True)


def test_a_text_that_begins_like_a_program_is_a_text() -> None:
    assert list(faults_of_attachments([Attachment("parts.csv", "text/csv", b"MZ,7\nMZ,8\n" * 20)])) == []


def test_every_type_that_is_known_by_its_name_goes_as_what_it_is() -> None:
    for ending, media_type in MEDIA_TYPES.items():
        begins = BEGINNINGS.get(media_type, (b"{}",))
        files = [Attachment(f"a.{ending}", media_type, one + b"\x00\x00\x00\x00WEBP") for one in begins]
        assert list(faults_of_attachments(files)) == []


def test_the_fault_names_what_it_was_called() -> None:
    [(_, by_type)] = faults_of_attachments([Attachment("a.bin", "image/png", PDF)])
    [(_, by_name)] = faults_of_attachments([Attachment("a.png", "application/octet-stream", PDF)])
    assert "image/png" in by_type
    assert ".png" in by_name


def test_all_attachments_together_have_a_limit() -> None:
    half = Attachment("a.bin", "application/octet-stream", b"x" * (MOST_BYTES // 2))
    assert list(faults_of_attachments([half, half])) == []
    assert [field for field, _ in faults_of_attachments([half, half, half])] == [""]
    assert [field for field, _ in faults_of_attachments([Attachment("a.txt", "text/plain", b"x")] * 21)] == [""]


def test_every_fault_of_every_attachment_is_named() -> None:
    found = faults_of_attachments([Attachment("a.js", "x", PDF), Attachment("b.pdf", "application/pdf", b"")])
    assert [field for field, _ in found] == ["0/name", "0/media_type", "1/content"]


def test_a_media_type_that_was_not_said_is_known_by_the_ending() -> None:
    assert (media_type_of("A.PDF"), media_type_of("a.b")) == ("application/pdf", "application/octet-stream")
    assert all("/" in known for known in MEDIA_TYPES.values())
