"""Loads the small demo."""

import json
import os

from django.conf import settings
from django.core.cache import cache
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """Count the load, and write the file that the runtime reads."""

    help = __doc__

    def handle(self, *args: object, **options: object) -> None:
        """Count one more load."""
        cache.set("loads", cache.get("loads", 0) + 1, timeout=None)
        path = settings.STATE_DIR / "demo.json"
        account = {"username": "ada", "password": "a-password", "token": "a-token"}
        path.write_text(json.dumps({"url": os.environ["SIGNALBOOK_URL"], "accounts": {"pm": account}, "sources": {}}))
        path.chmod(0o600)
