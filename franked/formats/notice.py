"""What is posted to a webhook about an alarm: plain, or as one of the usual chat tools takes it."""

from collections.abc import Mapping
from datetime import datetime

from franked.rules.alarm import Chat, Telling

LONGEST_AT_DISCORD = 2000
_CARD = "application/vnd.microsoft.card.adaptive"

Wire = Mapping[str, object]
JSON = {"content-type": "application/json"}


def notice(telling: Telling, chat: Chat) -> Wire:
    match chat:
        case Chat.TEXT:
            return _plain(telling)
        case Chat.SLACK:
            return {"text": _escaped(_text(telling))}
        case Chat.MATTERMOST:
            return {"text": _text(telling)}
        case Chat.DISCORD:
            return {"content": _text(telling)[:LONGEST_AT_DISCORD], "allowed_mentions": {"parse": list[str]()}}
        case Chat.TEAMS:
            return _card(telling)


def _plain(telling: Telling) -> Wire:
    return {
        "text": _text(telling),
        "id": telling.id,
        "alarm": telling.key,
        "says": telling.says.value,
        "product": telling.product,
        "title": telling.words.title,
        "what": telling.what,
        "since": _time(telling.since),
        "over_at": telling.over_at and _time(telling.over_at),
        "did": telling.words.did,
        "todo": telling.words.todo,
        "sample": telling.sample,
    }


def _text(telling: Telling) -> str:
    head = f"{telling.product}: {telling.title}"
    return "\n".join([head, *(f"{name}: {text}" for name, text in telling.lines)])


def _escaped(text: str) -> str:
    """What stands between these is a link or a call for everybody to Slack."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _card(telling: Telling) -> Wire:
    head = {"type": "TextBlock", "size": "Medium", "weight": "Bolder", "wrap": True, "text": telling.product}
    title = {"type": "TextBlock", "wrap": True, "text": telling.title}
    facts = {"type": "FactSet", "facts": [{"title": name, "value": text} for name, text in telling.lines]}
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [head, title, facts],
    }
    return {"type": "message", "attachments": [{"contentType": _CARD, "content": card}]}


def _time(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")
