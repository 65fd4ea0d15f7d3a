#!/usr/bin/env python
"""Run one of Django's or Signalbook's commands."""

import os
import sys

from django.core.management import execute_from_command_line

# What changes tables, or rows that are written once, or has the database look at all rows anew. All others run as the
# application does.
OWNER_COMMANDS = {"migrate", "createcachetable", "flush", "erase_subject", "backup", "restore", "make_catalog"}

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.demo")
    if OWNER_COMMANDS & set(sys.argv[1:2]):
        os.environ.setdefault("DATABASE_ROLE", "owner")
    execute_from_command_line(sys.argv)
