"""The JSON type of a value."""

import math
from typing import Any

_TYPES = ((bool, "boolean"), (int, "integer"), (float, "number"), (list | tuple, "array"), (dict, "object"))


def json_type(value: Any) -> str:
    """Return the type of a value by the names of JSON Schema.

    A number counts by how it was written: 27.0 is a number, though JSON Schema would also take it for an integer.
    NaN and infinities are null, as validators read them; what is no JSON is a string.
    """
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return "null"
    return next((name for python_type, name in _TYPES if isinstance(value, python_type)), "string")
