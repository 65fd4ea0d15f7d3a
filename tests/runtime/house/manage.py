"""Run a command of the small project."""

import os
import sys

from django.conf import settings
from django.core.management import execute_from_command_line
from django.db import connection

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.demo")
    execute_from_command_line(sys.argv)
    if settings.IS_OWNER:
        with connection.cursor() as cursor:
            cursor.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO signalbook_app")
