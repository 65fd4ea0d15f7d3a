"""One lock between whoever counts traffic and whoever removes it, so that nothing is left half removed.

The check, the fold and whatever moves a body (into quarantine, out of it, into several) share it for as long as their
transactions last; a purge, an erasure and the expiry of names hold it alone.
It is taken before any row, by everybody, so that it can be part of no deadlock.
"""

from django.db import connection

LOCK_ID = 0x5B_57_0B


def acquire_shared() -> None:
    """Wait until nobody holds it alone; nobody does before this transaction ends. Needs a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [LOCK_ID])


def acquire_exclusive() -> None:
    """Wait until nobody shares it; nobody does before this transaction ends. Needs a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK_ID])
