"""Django, set up for the benchmarks that need it: import this module before any model."""

import os

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.testing"
django.setup()
