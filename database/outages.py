"""Whether the database failed, or what was asked of it."""

from django.db import InterfaceError, OperationalError

# SQLSTATEs that are operational errors by their kind, and the fault of what was asked: too large, or too slow.
PROGRAM_LIMIT_EXCEEDED = "54"
QUERY_CANCELED = "57014"


def is_database_outage(error: BaseException | None) -> bool:
    """Tell whether the database failed, whatever it was asked, and not what a batch or a page made us ask of it."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    sqlstate = getattr(error.__cause__, "sqlstate", None) or ""
    return not sqlstate.startswith(PROGRAM_LIMIT_EXCEEDED) and sqlstate != QUERY_CANCELED
