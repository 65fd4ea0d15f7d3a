"""Whether the database failed, or what was asked of it."""

from django.db import InterfaceError, OperationalError
from psycopg.errors import DiskFull

# SQLSTATEs that are operational errors by their kind, and the fault of what was asked: too large, or too slow.
PROGRAM_LIMIT_EXCEEDED = "54"
QUERY_CANCELED = "57014"


def is_database_outage(error: BaseException | None) -> bool:
    """Tell whether the database failed, whatever it was asked, and not what a batch or a page made us ask of it."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    sqlstate = getattr(error.__cause__, "sqlstate", None) or ""
    return not sqlstate.startswith(PROGRAM_LIMIT_EXCEEDED) and sqlstate != QUERY_CANCELED


def is_database_disk_full(error: BaseException | None) -> bool:
    """Tell whether the database refused to write since its disk is full. It goes on answering whoever reads."""
    return isinstance(error, OperationalError) and isinstance(error.__cause__, DiskFull)
