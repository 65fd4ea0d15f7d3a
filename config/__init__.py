"""Connects the apps: settings, URLs, the task queue. No domain logic lives here."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
