"""The HTTP door: /v1, the webhook, the pages that machines ask."""

from franked.doors.http.app import create_app

__all__ = ["create_app"]
