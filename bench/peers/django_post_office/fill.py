"""Makes post_office's tables where there are none, empties them, and queues every mail of the bench.

Mails are rendered as they are queued, which is post_office's own way: its drain has no rendering to do."""

import os

import django
from django.core.management import call_command
from letter import SENDER, request
from mails import mails

os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
django.setup()
call_command("migrate", verbosity=0)

from post_office import mail  # noqa: E402  # after setup
from post_office.models import Email  # noqa: E402

Email.objects.all().delete()
waiting = []
for to, variables in mails():
    told = request(to, variables)["Content"]["Simple"]
    waiting.append(
        {
            "recipients": [to],
            "sender": SENDER,
            "subject": told["Subject"]["Data"],
            "message": told["Body"]["Text"]["Data"],
            "html_message": told["Body"]["Html"]["Data"],
        }
    )
mail.send_many(waiting)
