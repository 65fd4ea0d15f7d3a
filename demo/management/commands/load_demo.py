"""Loads the demo company and writes its accounts and keys into demo.json."""

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from demo.credentials import demo_file, write_credentials
from demo.seeding.demo_loader import load_company

DEFAULT_URL = "http://127.0.0.1:8000"


class Command(BaseCommand):
    """Load the company once. Again: changes nothing but what demo.json no longer says."""

    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        """Load it. Raises CommandError where these are not the demo's settings."""
        if not settings.IS_DEMO:
            raise CommandError(
                "The demo company is loaded with the demo's settings alone: DJANGO_SETTINGS_MODULE=config.settings.demo"
            )
        loaded = load_company()
        is_new = write_credentials(os.environ.get("SIGNALBOOK_URL") or DEFAULT_URL)
        if loaded.events:
            self.stdout.write(
                f"Harbour & Sons: {loaded.events} events, {loaded.requests} requests, "
                f"{loaded.ingested_events} events arrived."
            )
        else:
            self.stdout.write("Harbour & Sons is here already.")
        if is_new:
            self.stdout.write(f"Its accounts have new passwords and tokens: {demo_file()}")
