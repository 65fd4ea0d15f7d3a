"""What the fast path raises for a schema that it cannot express."""


class NotFast(Exception):
    """A schema, or a part of it, for which no type accepts only what the validator accepts."""
