"""What SES says, or said late, proves that it took the mail: the message moves to `sent` or further, from anywhere."""

from msgspec.structs import replace

from franked.backends.sql.dockets import Docket
from franked.rules.message import State, may_move


def proven(docket: Docket, state: State | None, ses_id: str) -> Docket:
    """The docket as it stands after the proof: moved upwards, or where it was. The first SES id stays."""
    named = docket if docket.ses_id else replace(docket, ses_id=ses_id or None)
    if state is None or not may_move(docket.state, state):
        return named
    return replace(named, state=state, reason=None, held_until=None, lease_until=None)
