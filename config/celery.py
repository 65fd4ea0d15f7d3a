"""The Celery application. A message only wakes a worker: every task finds its work in the database."""

import os

from celery import Celery

from config.files_transport import register_transport

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.demo")

register_transport()
app = Celery("signalbook", task_cls="config.logged_task:LoggedTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
