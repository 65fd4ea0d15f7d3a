"""The RSGI entry point that the web server loads: the front, with the collector, the probes and Django behind it."""

import os

import django
from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")
django.setup()

from config.front import build_front  # noqa: E402  what it imports needs Django set up
from config.startup_objects import freeze_startup_objects  # noqa: E402

get_resolver().url_patterns  # noqa: B018  imports every page now, and not while the first visitor waits
application = build_front(get_wsgi_application())
freeze_startup_objects()
