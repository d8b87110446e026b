"""Control calls to AWS, by the names that its permissions have: paced, in threads, their errors as sentences."""

import asyncio
from collections.abc import Container, Mapping
from typing import Any

from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError

from franked.backends.aws.boto import code_of, config, connect, in_thread, is_denied, is_of_credentials, sentence
from franked.backends.aws.sigv4 import Credentials
from franked.outside import ControlUnreadable
from franked.rules.at_aws import No, NotTaken

Wire = Mapping[str, Any]

SECOND = 1.0  # AWS allows one control call of SES in it
PATIENT, ONCE = 4, 1  # attempts; only what changes nothing when it comes twice is tried again
SAID = 300  # characters of AWS's words
_SERVICES = {  # a permission's prefix → botocore's name, ours
    "ses": ("sesv2", "SES"),
    "sns": ("sns", "SNS"),
    "sqs": ("sqs", "SQS"),
    "cloudwatch": ("cloudwatch", "CloudWatch"),
    "servicequotas": ("service-quotas", "Service Quotas"),
    "sts": ("sts", "AWS"),
}
_TOO_MANY = {"TooManyRequestsException", "ThrottlingException", "Throttling"}


class Calls:
    """`endpoint`: of all services, the simulator's; None: what botocore finds, and for SES `ses_endpoint`. `apart`:
    seconds between two calls."""

    def __init__(
        self,
        region: str,
        endpoint: str | None = None,
        credentials: Credentials | None = None,
        ses_endpoint: str | None = None,
        apart: float = SECOND,
    ) -> None:
        self.region = region
        self._endpoint, self._credentials, self._ses_endpoint = endpoint, credentials, ses_endpoint
        self._apart, self._next = apart, 0.0
        self._turn = asyncio.Lock()
        self._clients: dict[tuple[str, int], Any] = {}

    async def ask(self, call: str, absent: Container[str] = (), **wire: Any) -> Any:
        """Its answer; None where AWS says one of the codes `absent`. Raises ControlUnreadable."""
        try:
            return await self._asked(call, PATIENT, wire)
        except ClientError as error:
            if code_of(error) in absent:
                return None
            raise _unreadable(call, error) from error

    async def ask_once(self, call: str, no: Mapping[str, No], **wire: Any) -> Wire | NotTaken:
        """Never repeated. `no`: codes by which AWS does not take it. Raises ControlUnreadable."""
        try:
            answer: Wire = await self._asked(call, ONCE, wire)
        except ClientError as error:
            code = code_of(error)
            why = No.TOO_MANY if code in _TOO_MANY else no.get(code)
            if why is None:
                raise _unreadable(call, error) from error
            return NotTaken(why, text(error.response.get("Error", {}).get("Message")))
        return answer

    async def _asked(self, call: str, attempts: int, wire: Wire) -> Any:
        prefix, _, operation = call.partition(":")
        await self._my_turn()
        try:
            return await in_thread(lambda: self._call(prefix, operation, attempts, wire))
        except ClientError as error:
            if is_of_credentials(error):
                self._clients.clear()  # the next one finds those that were changed meanwhile
            raise
        except (BotoCoreError, ValueError) as error:  # ValueError: an endpoint that is no URL
            self._clients.clear()
            raise _unreadable(call, error) from error

    def _call(self, prefix: str, operation: str, attempts: int, wire: Wire) -> Any:
        return getattr(self._connected(_SERVICES[prefix][0], attempts), xform_name(operation))(**wire)

    def _connected(self, service: str, attempts: int = PATIENT) -> Any:
        if (service, attempts) not in self._clients:
            endpoint = self._endpoint or (self._ses_endpoint if service == "sesv2" else None)
            patience = config(read_timeout=10, attempts=attempts)
            self._clients[service, attempts] = connect(service, self.region, endpoint, self._credentials, patience)
        return self._clients[service, attempts]

    async def _my_turn(self) -> None:
        if not self._apart:
            return
        clock = asyncio.get_running_loop().time
        async with self._turn:
            await asyncio.sleep(max(0.0, self._next - clock()))
            self._next = clock() + self._apart


def _unreadable(call: str, error: BotoCoreError | ClientError | ValueError) -> ControlUnreadable:
    who = _SERVICES[call.partition(":")[0]][1]
    if isinstance(error, ValueError):
        return ControlUnreadable(f"{call}: {who} can't be asked: {text(error)}", call)
    denied = is_denied(error)
    missing = f" The permission {call} is missing." if denied else ""
    return ControlUnreadable(f"{call}: {text(sentence(error, who), 2 * SAID)}{missing}", call, is_denied=denied)


def text(said: object, most: int = SAID) -> str:
    """What AWS says, on one line, and not endless."""
    line = "".join(one if one.isprintable() else " " for one in str(said or "")[: 2 * most])
    return " ".join(line.split())[:most]
