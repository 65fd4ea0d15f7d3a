"""The Celery application. A message is only a nudge: every task finds its work in the database."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.demo")

app = Celery("signalbook")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
