"""Integers of any size: which ones stay numbers, and how the others are written without losing a digit."""

from decimal import Decimal

MAX_INTEGER_DIGITS = 4_300
"""The longest integer, in digits, that Python reads and writes as JSON. PostgreSQL's jsonb takes 131,072."""

_FIRST_UNWRITABLE = 10**MAX_INTEGER_DIGITS


def is_writable(value: int) -> bool:
    """Tell whether JSON encoders can write an integer as a number."""
    return -_FIRST_UNWRITABLE < value < _FIRST_UNWRITABLE


def storable_integer(value: int) -> int | str:
    """Return an integer as it is where JSON can hold it, else as the text of all its digits."""
    return value if is_writable(value) else str(Decimal(value))  # Python's own text of it would raise ValueError
