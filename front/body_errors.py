"""Why a body was not read to its end, with the status and the sentence that say so."""


class BodyError(Exception):
    """A body that is not taken."""

    status = 400
    message = "The body broke off."
    retry_after: int | None = None
    reason = "body broke off"

    def __init__(self, message: str = "") -> None:
        super().__init__(message or self.message)


class BodyBrokeOff(BodyError):
    """Fewer bytes came than were promised, and no more will."""


class BodyTooSlow(BodyError):
    """The body did not come in the time there is for it."""

    status = 408
    message = "The body did not come in time. Send it again."
    reason = "body too slow"


class BodyOverLimit(BodyError):
    """More bytes came, or were promised, than are read."""

    status = 413
    reason = "body too large"

    def __init__(self, limit: int) -> None:
        super().__init__(f"The body is over {limit:,} bytes. Send less at a time.")


class LengthRequired(BodyError):
    """A body in chunks where one can only tell from its length that all of it has come."""

    status = 411
    message = "Send the body with its Content-Length."
    reason = "no length"


class BodyHasNoRoom(BodyError):
    """The disk on which a large body lies while it comes is full, or fails."""

    status = 503
    message = "There is no room for the body on the server's disk just now. Send it again later."
    retry_after = 10
    reason = "disk full"


class BodiesCrowded(BodyError):
    """So many bodies are on their way that this one has no place."""

    status = 503
    message = "Too much is being sent at once. Send it again later."
    retry_after = 5
    reason = "too many bodies"
