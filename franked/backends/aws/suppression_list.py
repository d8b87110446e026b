"""SES's account-level suppression list, over the API. What SES lists is checked before anybody believes it."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from franked.backends.aws.boto import code_of, config, connect, in_thread, sentence
from franked.backends.aws.sigv4 import Credentials
from franked.ports import Leaf, ListThrottled, ListUnreachable, NoPut
from franked.rules.at_ses import PAGE, Listed, Reason

if TYPE_CHECKING:
    from types_boto3_sesv2.client import SESV2Client
    from types_boto3_sesv2.type_defs import (
        ListSuppressedDestinationsRequestTypeDef,
        SuppressedDestinationSummaryTypeDef,
    )

T = TypeVar("T")

LONGEST = 320  # characters of an address
_THROTTLED = {"TooManyRequestsException", "ThrottlingException", "Throttling", "LimitExceededException"}
_REASONS = {reason.value: reason for reason in Reason}


class SesSuppressionList:
    """The port `SuppressionList`."""

    def __init__(self, region: str, endpoint: str | None = None, credentials: Credentials | None = None) -> None:
        """As `SesAccount`."""
        self._region = region
        self._endpoint = endpoint
        self._credentials = credentials
        self._client: SESV2Client | None = None

    async def reasons(self) -> frozenset[str]:
        said = await self._ask(lambda ses: ses.get_account())
        return frozenset(said.get("SuppressionAttributes", {}).get("SuppressedReasons", []))

    async def switch_on(self) -> None:
        await self._ask(lambda ses: ses.put_account_suppression_attributes(SuppressedReasons=["BOUNCE", "COMPLAINT"]))

    async def honoured_by(self, configuration_set: str) -> frozenset[str] | None:
        """None as well where there is no such set: mail by it is refused, which others tell."""

        def read(ses: "SESV2Client") -> frozenset[str] | None:
            try:
                said = ses.get_configuration_set(ConfigurationSetName=configuration_set)
            except ses.exceptions.NotFoundException:
                return None
            reasons = said.get("SuppressionOptions", {}).get("SuppressedReasons")
            return None if reasons is None else frozenset(reasons)

        return await self._ask(read)

    async def page(self, since: datetime | None, token: str | None) -> Leaf | None:
        def read(ses: "SESV2Client") -> Leaf | None:
            asked: ListSuppressedDestinationsRequestTypeDef = {"PageSize": PAGE}
            if since:
                asked["StartDate"] = since
            if token:
                asked["NextToken"] = token
            try:
                said = ses.list_suppressed_destinations(**asked)
            except ses.exceptions.InvalidNextTokenException:
                return None
            return Leaf(tuple(_listed(said.get("SuppressedDestinationSummaries", []))), said.get("NextToken") or None)

        return await self._ask(read)

    async def put(self, address: str, reason: Reason) -> NoPut | None:
        def call(ses: "SESV2Client") -> NoPut | None:
            try:
                ses.put_suppressed_destination(EmailAddress=address, Reason=reason.value)
            except ses.exceptions.BadRequestException as error:
                return NoPut(_words(error))
            return None

        return await self._ask(call)

    async def remove(self, spelled: str) -> bool:
        def call(ses: "SESV2Client") -> bool:
            try:
                ses.delete_suppressed_destination(EmailAddress=spelled)
            except ses.exceptions.NotFoundException:
                return False
            return True

        return await self._ask(call)

    async def _ask(self, call: "Callable[[SESV2Client], T]") -> T:
        return await in_thread(lambda: self._asked(call))

    def _asked(self, call: "Callable[[SESV2Client], T]") -> T:
        try:
            return call(self._connected())
        except ClientError as error:
            self._client = None  # the next one finds credentials that were changed meanwhile
            unreachable = ListThrottled if code_of(error) in _THROTTLED else ListUnreachable
            raise unreachable(sentence(error, "SES")) from error
        except (BotoCoreError, ValueError) as error:  # ValueError: an endpoint that is no URL
            self._client = None
            why = f"SES can't be asked: {error}" if isinstance(error, ValueError) else sentence(error, "SES")
            raise ListUnreachable(why) from error

    def _connected(self) -> "SESV2Client":
        """A call that failed is not repeated within a second: botocore would."""
        client: SESV2Client = self._client or connect(
            "sesv2", self._region, self._endpoint, self._credentials, config(read_timeout=10, attempts=1)
        )
        self._client = client
        return client


def _listed(summaries: "Iterable[SuppressedDestinationSummaryTypeDef]") -> Iterator[Listed]:
    """What no record could hold, or is no address, is left where it is."""
    for one in summaries:
        spelled, reason = one.get("EmailAddress", ""), _REASONS.get(str(one.get("Reason")))
        if reason and "@" in spelled and spelled.isprintable() and len(spelled) <= LONGEST and "LastUpdateTime" in one:
            yield Listed(spelled, reason, one["LastUpdateTime"].astimezone(UTC))


def _words(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Message", ""))[:300]
