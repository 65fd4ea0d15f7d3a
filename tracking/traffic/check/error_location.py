"""Where an exception was raised, without the values that it carries."""

from pathlib import Path
from traceback import extract_tb


def error_location(error: BaseException) -> str:
    """Return the kind of an error and where it was raised, without its message, which may hold what people sent."""
    frames = extract_tb(error.__traceback__)
    where = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno} in {frames[-1].name}" if frames else ""
    return f"{type(error).__name__}{where}"
