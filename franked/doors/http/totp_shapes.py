"""Second factors as JSON, both ways. The OpenAPI document is made from these."""

from typing import Annotated

from msgspec import Meta, Struct

from franked.doors.http.shapes import Words

Account = Annotated[Words, Meta(description="in your own terms", examples=["account-1042"])]
TheAccount = Annotated[str, Meta(examples=["account-1042"])]
Left = Annotated[int, Meta(description="recovery codes that were not used", examples=[10])]


class NewFactor(Struct, forbid_unknown_fields=True, frozen=True):
    account: Account
    label: Annotated[
        Words, Meta(description="how the app names it: the person's address", examples=["ana@example.com"])
    ]


class TypedCode(Struct, forbid_unknown_fields=True, frozen=True):
    """What a person typed: a code of the app or, to verify, a recovery code."""

    account: Account
    code: Annotated[str, Meta(max_length=200, examples=["287 082"])]


class MadeFactor(Struct, frozen=True):
    """Shown this once. It counts when a first code was confirmed."""

    account: TheAccount
    secret: Annotated[str, Meta(description="base32, to be typed in by hand", examples=["GEZDGNBVGY3TQOJQ" * 2])]
    uri: Annotated[
        str,
        Meta(
            description="for a QR code",
            examples=[
                "otpauth://totp/Example:ana%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Example"
            ],
        ),
    ]


class ConfirmedFactor(Struct, frozen=True):
    """`recovery_codes` are shown this once; none where the code was wrong."""

    right: Annotated[bool, Meta(examples=[True])]
    recovery_codes: Annotated[list[str], Meta(examples=[["k3v9x-0h2mq", "7r2hd-q4n8t"]])]


class VerifiedFactor(Struct, frozen=True):
    """Wrong, used, one guess too many, no such factor: all the same."""

    right: Annotated[bool, Meta(examples=[True])]
    recovery_codes_left: Annotated[int | None, Meta(examples=[10])]


class ToldFactor(Struct, frozen=True):
    account: TheAccount
    confirmed: Annotated[bool, Meta(description="the account has a second factor", examples=[True])]
    recovery_codes_left: Left
