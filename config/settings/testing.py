"""Settings of the tests: real PostgreSQL, cheap password hashes, static files unhashed."""

import os

from config.settings.base import *  # noqa: F403  settings are the one place where Django expects this
from config.settings.base import DATABASES, STORAGES

SECRET_KEY = "only-for-tests-" + "x" * 40
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}

# Django empties tables between tests that commit; see accounts/migrations/_write_once.py. Only TRUNCATE is let through.
DATABASES["default"].setdefault("OPTIONS", {})["options"] = "-c signalbook.testing_truncate=on"
# A process that a test starts, on a server that lets the application's role in by no other way.
if "TEST_DATABASE_ROLE" in os.environ:
    DATABASES["default"]["OPTIONS"]["options"] += f" -c role={os.environ['TEST_DATABASE_ROLE']}"
# What tests run as; the role of DATABASE_URL creates their databases (tests/application_role.py).
APPLICATION_DATABASE_ROLE = "signalbook_app"
# A live server of the tests serves static files from their source folders.
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = True

# A part of a page that fails alone must fail its test; tests of the sentence that stands there say so.
RAISE_IN_PAGE_PARTS = True

# Tests that only post to the collector must leave no message behind. Those that start a worker name a broker.
if not {"BROKER_URL", "BROKER_FOLDER"} & set(os.environ):
    CELERY_BROKER_URL, CELERY_BROKER_TRANSPORT_OPTIONS = "memory://", {}
