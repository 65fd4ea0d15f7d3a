"""The Celery application. A message only wakes a worker: every task finds its work in the database."""

import logging
import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging

from config.files_transport import register_transport

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.demo")

register_transport()
app = Celery("signalbook", task_cls="config.logged_task:LoggedTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_own_logging(*, loglevel: int, **_unused: Any) -> None:
    """Leave the log lines as `config.logs` writes them, from a level on.

    Celery's own handlers, which it sets up unless somebody listens here, would print structlog's events as dicts.
    """
    logging.getLogger().setLevel(loglevel)
