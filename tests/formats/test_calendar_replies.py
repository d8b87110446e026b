"""What an attendee's mail program sends back (METHOD:REPLY), in the shapes that the usual ones give it."""

import base64
import quopri
from datetime import UTC, datetime

import pytest

from franked.formats.calendar import Unreadable, read_reply
from franked.rules.invite import Answer

UID = "i_01kjv281d0q2m5r8x4y7zb3cde@meet.example.com"

GMAIL_ICS = f"""BEGIN:VCALENDAR
PRODID:-//Google Inc//Google Calendar 70.9054//EN
VERSION:2.0
CALSCALE:GREGORIAN
METHOD:REPLY
BEGIN:VEVENT
DTSTART:20260310T140000Z
DTEND:20260310T143000Z
DTSTAMP:20260304T111500Z
ORGANIZER;CN=Meet:mailto:no-reply@meet.example.com
UID:{UID}
ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;CN=Ana Mül
 ler;X-NUM-GUESTS=0:mailto:ana@example.net
CREATED:20260304T101500Z
DESCRIPTION:Wir sehen uns
LAST-MODIFIED:20260304T111500Z
LOCATION:Büro
SEQUENCE:1
STATUS:CONFIRMED
SUMMARY:Kick-off
TRANSP:OPAQUE
END:VEVENT
END:VCALENDAR
"""

OUTLOOK_ICS = f"""BEGIN:VCALENDAR
METHOD:REPLY
PRODID:Microsoft Exchange Server 2010
VERSION:2.0
BEGIN:VTIMEZONE
TZID:W. Europe Standard Time
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
BEGIN:VEVENT
ATTENDEE;PARTSTAT=TENTATIVE;CN=Ana Müller:mailto:Ana@Example.net
COMMENT;LANGUAGE=de-DE:Vielleicht komme ich später\\n
UID:{UID}
SUMMARY;LANGUAGE=de-DE:Mit Vorbehalt: Kick-off
DTSTART;TZID=W. Europe Standard Time:20260310T150000
DTEND;TZID=W. Europe Standard Time:20260310T153000
CLASS:PUBLIC
PRIORITY:5
DTSTAMP:20260304T111500Z
TRANSP:OPAQUE
STATUS:CONFIRMED
SEQUENCE:1
LOCATION;LANGUAGE=de-DE:Büro
X-MICROSOFT-CDO-APPT-SEQUENCE:1
X-MICROSOFT-CDO-OWNERAPPTID:0
X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE
X-MICROSOFT-CDO-INTENDEDSTATUS:BUSY
X-MICROSOFT-CDO-ALLDAYEVENT:FALSE
X-MICROSOFT-CDO-IMPORTANCE:1
X-MICROSOFT-CDO-INSTTYPE:0
X-MICROSOFT-DONOTFORWARDMEETING:FALSE
X-MICROSOFT-DISALLOW-COUNTER:FALSE
END:VEVENT
END:VCALENDAR
"""

APPLE_ICS = f"""BEGIN:VCALENDAR
CALSCALE:GREGORIAN
METHOD:REPLY
PRODID:-//Apple Inc.//macOS 14.4//EN
VERSION:2.0
BEGIN:VEVENT
ATTENDEE;CN="Müller, Ana";CUTYPE=INDIVIDUAL;EMAIL="ana@example.net";PART
 STAT=DECLINED;ROLE=REQ-PARTICIPANT:mailto:ana@example.net
CREATED:20260304T101500Z
DTEND:20260310T143000Z
DTSTAMP:20260304T111500Z
DTSTART:20260310T140000Z
LAST-MODIFIED:20260304T111500Z
ORGANIZER;CN="Meet";EMAIL="no-reply@meet.example.com":mailto:no-reply@meet.e
 xample.com
REQUEST-STATUS:2.0;Success
SEQUENCE:1
SUMMARY:Kick-off
TRANSP:OPAQUE
UID:{UID}
X-APPLE-TRAVEL-ADVISORY-BEHAVIOR:AUTOMATIC
END:VEVENT
END:VCALENDAR
"""

GMAIL = """From: =?UTF-8?Q?Ana_M=C3=BCller?= <ana@example.net>
To: Meet <no-reply@meet.example.com>
Subject: =?UTF-8?Q?Angenommen:_Kick-off?=
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="0000000000005f"

--0000000000005f
Content-Type: multipart/alternative; boundary="0000000000005e"

--0000000000005e
Content-Type: text/plain; charset="UTF-8"; format=flowed; delsp=yes
Content-Transfer-Encoding: base64

{words}
--0000000000005e
Content-Type: text/html; charset="UTF-8"
Content-Transfer-Encoding: base64

{words}
--0000000000005e
Content-Type: text/calendar; charset="UTF-8"; method=REPLY
Content-Transfer-Encoding: 7bit

{plain}
--0000000000005e--

--0000000000005f
Content-Type: application/ics; name="invite.ics"
Content-Disposition: attachment; filename="invite.ics"
Content-Transfer-Encoding: base64

{base64}
--0000000000005f--
"""

OUTLOOK = """From: =?iso-8859-1?Q?Ana_M=FCller?= <Ana@Example.net>
To: Meet <no-reply@meet.example.com>
Subject: Mit Vorbehalt: Kick-off
Thread-Topic: Kick-off
Content-Language: de-DE
X-MS-Has-Attach:
Content-Type: multipart/alternative; boundary="_000_AM0PR01MB"
MIME-Version: 1.0

--_000_AM0PR01MB
Content-Type: text/plain; charset="iso-8859-1"
Content-Transfer-Encoding: quoted-printable

Vielleicht komme ich sp=E4ter

--_000_AM0PR01MB
Content-Type: text/html; charset="iso-8859-1"
Content-Transfer-Encoding: quoted-printable

<html><body>Vielleicht komme ich sp=E4ter</body></html>

--_000_AM0PR01MB
Content-Type: text/calendar; charset="utf-8"; method=REPLY
Content-Transfer-Encoding: base64

{base64}
--_000_AM0PR01MB--
"""

APPLE = """From: Ana <ana@example.net>
To: no-reply@meet.example.com
Subject: Abgelehnt: Kick-off
Content-Type: multipart/mixed; boundary="Apple-Mail=_2A7F"
Mime-Version: 1.0 (Mac OS X Mail 16.0)

--Apple-Mail=_2A7F
Content-Transfer-Encoding: quoted-printable
Content-Type: text/plain;
\tcharset=utf-8

Ana M=C3=BCller hat deine Einladung zu =E2=80=9EKick-off=E2=80=9C abgelehnt.

--Apple-Mail=_2A7F
Content-Type: text/calendar;
\tname="iCal-20260304-121500.ics";
\tcharset=utf-8;
\tmethod=REPLY
Content-Disposition: attachment;
\tfilename="iCal-20260304-121500.ics"
Content-Transfer-Encoding: quoted-printable

{quoted}
--Apple-Mail=_2A7F--
"""

ALONE = """From: Ana <ana@example.net>
To: no-reply@meet.example.com
Subject: Tentative: Kick-off
MIME-Version: 1.0
Content-Type: text/calendar; charset="{charset}"; method=REPLY
Content-Transfer-Encoding: base64

{base64}
"""


def mail(shape: str, calendar: str, charset: str = "utf-8", ends: str = "\r\n") -> bytes:
    """As it lies in the mailbox."""
    text = calendar.replace("\n", ends).encode(charset)
    filled = shape.replace("\n", "\r\n").format(
        charset=charset,
        words=base64.encodebytes("Ana Müller hat angenommen".encode()).decode(),
        plain=text.decode(charset),
        base64=base64.encodebytes(text).decode(),
        quoted=quopri.encodestring(text).decode(),
    )
    return filled.encode()


@pytest.mark.parametrize(
    ("received", "answer"),
    [
        pytest.param(mail(GMAIL, GMAIL_ICS), Answer.ACCEPTED, id="Gmail"),
        pytest.param(mail(OUTLOOK, OUTLOOK_ICS), Answer.TENTATIVE, id="Outlook"),
        pytest.param(mail(APPLE, APPLE_ICS), Answer.DECLINED, id="Apple Mail"),
        pytest.param(mail(APPLE, APPLE_ICS, ends="\n"), Answer.DECLINED, id="Apple Mail, lines ended by LF"),
        pytest.param(mail(ALONE, OUTLOOK_ICS), Answer.TENTATIVE, id="the calendar alone, as Exchange sends it"),
        pytest.param(mail(ALONE, OUTLOOK_ICS, "iso-8859-1"), Answer.TENTATIVE, id="in Latin-1"),
        pytest.param(mail(ALONE, "\ufeff" + OUTLOOK_ICS), Answer.TENTATIVE, id="behind a byte order mark"),
        pytest.param(("\ufeff" + GMAIL_ICS).encode(), Answer.ACCEPTED, id="a saved .ics behind a byte order mark"),
        pytest.param(GMAIL_ICS.encode(), Answer.ACCEPTED, id="a saved .ics"),
    ],
)
def test_the_answer_of_a_usual_mail_program_is_read(received: bytes, answer: Answer) -> None:
    read = read_reply(received)
    assert (read.address.key, read.answer) == ("ana@example.net", answer)
    assert (read.uid, read.sequence, read.stamp) == (UID, 1, datetime(2026, 3, 4, 11, 15, tzinfo=UTC))


@pytest.mark.parametrize(
    ("said", "instead", "why"),
    [
        pytest.param("METHOD:REPLY", "METHOD:COUNTER", "no calendar with", id="another time is asked for"),
        pytest.param("PARTSTAT=ACCEPTED", "PARTSTAT=DELEGATED", "it lacks", id="somebody else is sent"),
        pytest.param("mailto:ana@example.net", "/aMTIz/principal/", "no address", id="no mail address"),
        pytest.param("DTSTAMP:20260304T111500Z", "DTSTAMP:soon", "no time", id="no time"),
        pytest.param(f"UID:{UID}\n", "", "lacks", id="no event of ours"),
    ],
)
def test_what_is_no_answer_is_not_taken_for_one(said: str, instead: str, why: str) -> None:
    assert said in GMAIL_ICS
    with pytest.raises(Unreadable, match=why):
        read_reply(mail(GMAIL, GMAIL_ICS.replace(said, instead)))
