"""What an account may store, and what that costs."""

from dataclasses import dataclass

GB = 10**9


@dataclass(frozen=True, slots=True)
class Plan:
    name: str
    storage: int  # bytes
    price: str  # dollars a month

    @property
    def room(self) -> str:
        return size(self.storage)


PLANS = {
    plan.name: plan
    for plan in (Plan("Solo", 100 * GB, "4.00"), Plan("Team", 500 * GB, "9.00"), Plan("Studio", 2000 * GB, "19.00"))
}


def size(count: int) -> str:
    """As people say it."""
    if count >= GB:
        return f"{count / GB:,.1f} GB".replace(".0 ", " ")
    return f"{count / 10**6:,.1f} MB".replace(".0 ", " ")
