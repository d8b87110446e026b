"""`POST /v1/messages` as many a product has it: the body checked by pydantic, the mail given to Celery, 202."""

from datetime import datetime
from typing import Any

from fastapi import FastAPI
from post import send
from pydantic import BaseModel


class Trigger(BaseModel):
    act: str
    by: str
    at: datetime


class Mail(BaseModel):
    stream: str
    to: str
    variables: dict[str, Any]
    trigger: Trigger


class Accepted(BaseModel):
    id: str
    state: str


app = FastAPI()


# `.delay` blocks for a fraction of a millisecond: a hop into FastAPI's threads, with a plain `def`, costs more CPU.
@app.post("/v1/messages", status_code=202)
async def accept(mail: Mail) -> Accepted:
    return Accepted(id=send.delay(mail.to, mail.variables).id, state="queued")
