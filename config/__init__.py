"""Wires the apps together: settings, addresses, the task queue. No domain logic lives here."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
