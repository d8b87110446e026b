"""What the account may send: GetAccount, and who is verified."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from franked.backends.aws.boto import config, connect, in_thread, is_denied, sentence
from franked.backends.aws.destinations import publishing
from franked.backends.aws.identities import verified
from franked.backends.aws.sigv4 import Credentials
from franked.ports import AccountUnreadable, Identity
from franked.rules.diagnosis import Publishing
from franked.rules.pace import Access

if TYPE_CHECKING:
    from types_boto3_sesv2.client import SESV2Client
    from types_boto3_sesv2.type_defs import GetAccountResponseTypeDef, IdentityInfoTypeDef

T = TypeVar("T")

SANDBOX_RATE = 1.0  # what every account has, where the answer does not say
SANDBOX_QUOTA = 200.0
MOST_PAGES = 100  # of 100: SES allows 10,000 identities


class SesAccount:
    """The port `Account`."""

    def __init__(
        self,
        region: str,
        now: Callable[[], datetime],
        endpoint: str | None = None,
        credentials: Credentials | None = None,
    ) -> None:
        """`endpoint`: the simulator's; None: what botocore finds. `credentials` None: botocore's chain."""
        self._region = region
        self._now = now
        self._endpoint = endpoint
        self._credentials = credentials
        self._client: SESV2Client | None = None

    async def read(self) -> Access:
        return await in_thread(lambda: self._asked(self._read))

    async def verify(self, name: str) -> Identity:
        return await in_thread(lambda: self._asked(lambda ses: verified(ses, name)))

    async def publishing(self, configuration_set: str) -> Publishing:
        return await in_thread(lambda: self._asked(lambda ses: publishing(ses, configuration_set)))

    async def set_sending(self, configuration_set: str, *, enabled: bool) -> None:
        def put(ses: "SESV2Client") -> object:
            return ses.put_configuration_set_sending_options(
                ConfigurationSetName=configuration_set, SendingEnabled=enabled
            )

        await in_thread(lambda: self._asked(put))

    def _read(self, ses: "SESV2Client") -> Access:
        return _access(ses.get_account(), frozenset(_verified(ses)), self._now())

    def _asked(self, question: "Callable[[SESV2Client], T]") -> T:
        try:
            return question(self._connected())
        except (BotoCoreError, ClientError, ValueError) as error:  # ValueError: an endpoint that is no URL
            self._client = None  # the next one finds credentials that were changed meanwhile
            raise AccountUnreadable(_why(error)) from error

    def _connected(self) -> "SESV2Client":
        client: SESV2Client = self._client or connect(
            "sesv2", self._region, self._endpoint, self._credentials, config(read_timeout=10)
        )
        self._client = client
        return client


def _access(said: "GetAccountResponseTypeDef", verified: frozenset[str], now: datetime) -> Access:
    """AWS may leave out any member; what is not said is as in a new account."""
    quota = said.get("SendQuota", {})
    return Access(
        production=said.get("ProductionAccessEnabled", False),
        rate=float(quota.get("MaxSendRate", SANDBOX_RATE)),
        quota=float(quota.get("Max24HourSend", SANDBOX_QUOTA)),
        sent_24h=float(quota.get("SentLast24Hours", 0.0)),
        read_at=now,
        sending_enabled=said.get("SendingEnabled", True),
        enforcement=said.get("EnforcementStatus", "HEALTHY"),
        verified=verified,
    )


def _verified(ses: "SESV2Client") -> Iterator[str]:
    """Nothing where the credentials may not list them: the rest of the answer is worth having."""
    try:
        for entry in _identities(ses):
            if _may_send(entry):
                yield entry["IdentityName"].casefold()
    except ClientError as error:
        if not is_denied(error):
            raise


def _identities(ses: "SESV2Client") -> "Iterator[IdentityInfoTypeDef]":
    page = ses.list_email_identities(PageSize=100)
    for _ in range(MOST_PAGES):
        yield from page.get("EmailIdentities", [])
        token = page.get("NextToken")
        if not token:
            return
        page = ses.list_email_identities(PageSize=100, NextToken=token)


def _may_send(entry: "IdentityInfoTypeDef") -> bool:
    status = entry.get("VerificationStatus")
    return bool(entry.get("IdentityName")) and status in {None, "SUCCESS"} and entry.get("SendingEnabled", bool(status))


def _why(error: BotoCoreError | ClientError | ValueError) -> str:
    return f"SES can't be asked: {error}" if isinstance(error, ValueError) else sentence(error, "SES")
