"""Django with nothing but post_office and django-ses; the queue is in PostgreSQL (PGHOST, PGUSER, PGDATABASE)."""

import os

from botocore.config import Config
from letter import REGION, SENDER

SECRET_KEY = "bench"
INSTALLED_APPS = ["django.contrib.contenttypes", "post_office"]
DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": os.environ["PGDATABASE"]}}
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates"}]
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DEFAULT_FROM_EMAIL = SENDER

POST_OFFICE = {
    "BACKENDS": {"default": "django_ses.SESBackend"},
    "BATCH_SIZE": 1250,  # each batch forks its processes anew, and each thread makes itself a client: seldom is better
    "THREADS_PER_PROCESS": 2,  # a sink that answers at once leaves nothing to wait for; five were slower
    "LOG_LEVEL": 1,  # a row for each failure, none for each success
}

USE_SES_V2 = True
AWS_SES_REGION_NAME = REGION
AWS_SES_REGION_ENDPOINT_URL = os.environ["BENCH_SINK"]
AWS_SES_AUTO_THROTTLE = None  # it would ask the account for its rate, and keep to half of it
AWS_SES_CONFIG = Config(parameter_validation=False)  # as with the other peers
