"""Where the account's control plane is: at AWS, in one Region, or played on this machine; and who asks it what."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from franked.backends.aws.account import SesAccount
from franked.backends.aws.cloudwatch import CloudWatch
from franked.backends.aws.control import AwsControl
from franked.backends.aws.credentials import endpoint_for
from franked.backends.aws.sigv4 import Credentials
from franked.backends.aws.suppression_list import SesSuppressionList
from franked.outside import Control
from franked.ports import Account, Gauges, SuppressionList

SIMULATED = Credentials("simulator", "simulator")

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Place:
    """`played`: the simulated account's URL; None: AWS. `ses_endpoint`: where SES is, if not at its own address."""

    region: str
    played: str | None = None
    ses_endpoint: str | None = None

    @property
    def ses(self) -> str:
        return self.played or self.ses_endpoint or endpoint_for(self.region)

    @property
    def credentials(self) -> Credentials | None:
        """None: botocore's chain."""
        return SIMULATED if self.played else None

    def account(self, now: Clock) -> Account:
        return SesAccount(self.region, now, self.ses, self.credentials)

    def suppression_list(self) -> SuppressionList:
        return SesSuppressionList(self.region, self.ses, self.credentials)

    def gauges(self, sender: str, now: Clock) -> Gauges:
        return CloudWatch(self.region, sender, now, self.played, self.credentials)

    def control(self) -> Control:
        """At AWS a call a second."""
        if self.played:
            return AwsControl(self.region, self.played, self.credentials, apart=0.0)
        return AwsControl(self.region, ses_endpoint=self.ses_endpoint)
