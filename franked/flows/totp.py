"""A second factor in an authenticator app: enrolled, confirmed by its first code, verified at each sign-in."""

from dataclasses import dataclass, field

from franked.formats.totp import SECRET_BYTES, recovery_code, secret_of, uri_of
from franked.ports import World
from franked.rules.factor import RECOVERY_CODES, Factor, NewFactor, Proof


@dataclass(frozen=True, slots=True)
class Enrolled:
    """Shown to the person, this once."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)


async def enrol(account: str, label: str, world: World) -> Enrolled | None:
    """None: the account has a confirmed factor, which must be removed first. Raises StoreUnavailable."""
    secret = secret_of(world.draw(1 << 8 * SECRET_BYTES))
    [is_new] = await world.store.enrol([NewFactor(account, secret)])
    return Enrolled(secret, uri_of(secret, label, world.declared.brand)) if is_new else None


async def confirm(account: str, typed: str, world: World) -> tuple[str, ...] | None:
    """The recovery codes, shown this once; None: it was wrong. Raises StoreUnavailable."""
    recovery = tuple(recovery_code(world.draw(1 << 50)) for _ in range(RECOVERY_CODES))
    [found] = await world.store.prove([Proof(account, typed, world.now(), recovery)])
    return recovery if found else None


async def verify(account: str, typed: str, world: World) -> Factor | None:
    """By a code of the app or a recovery code, each good once; None: it was wrong. Raises StoreUnavailable."""
    [found] = await world.store.prove([Proof(account, typed, world.now())])
    return found
