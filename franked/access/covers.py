"""Which identity at SES a domain's mail goes by: its own, or that of a verified parent."""

from franked.outside import Control
from franked.rules.at_aws import SesIdentity
from franked.rules.dns_needed import candidates, covering


async def covers(domain: str, control: Control) -> SesIdentity | None:
    """Raises ControlUnreadable."""
    known: dict[str, SesIdentity] = {}
    for name in candidates(domain):
        if identity := await control.identity(name):
            known[name] = identity
        if found := covering(domain, known):
            return found
    return None
