"""What the worker does: it writes down that it lives."""

import time

from celery import shared_task
from django.core.cache import cache


@shared_task(name="company.beat")
def beat() -> None:
    """Write down that the worker lives now."""
    cache.set("beat", time.time(), timeout=None)
