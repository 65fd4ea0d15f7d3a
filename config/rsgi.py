"""The RSGI entry point that the web server loads: the front, with the collector, the probes and Django behind it."""

import os

import django
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")
django.setup()

from config.front import build_front  # noqa: E402  what it imports needs Django set up

application = build_front(get_wsgi_application())
