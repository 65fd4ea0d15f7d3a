"""A session of the application's role, and how the database refuses what that role may not do."""

from __future__ import annotations

from typing import Any

import psycopg

Session = psycopg.Connection[Any]

REFUSED = psycopg.errors.InsufficientPrivilege
WRITTEN_ONCE = psycopg.errors.RestrictViolation
