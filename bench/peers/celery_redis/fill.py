"""Empties the queue and puts every mail of the bench into it."""

from mails import mails
from post import app, send

app.control.purge()
with app.producer_pool.acquire() as producer:
    for to, variables in mails():
        send.apply_async((to, variables), producer=producer)
