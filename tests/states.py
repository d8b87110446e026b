"""How many messages a record holds, by state: all of them are looked at, which only a test's few can afford."""

from collections import Counter
from dataclasses import replace

from franked.enquiry import Enquiry
from franked.rules.message import State
from franked.store import Store


async def states_in(store: Store) -> Counter[State]:
    counted: Counter[State] = Counter()
    which: Enquiry | None = Enquiry(most=1000)
    while which:
        page = await store.enquire(which)
        counted.update(item.state for item in page.items)
        which = replace(which, below=page.next) if page.next else None
    return counted
