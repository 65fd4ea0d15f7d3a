"""The one encoder of what is stored: every text and JSON value becomes one that PostgreSQL takes.

The database engine puts all parameters of statements and rows of copies through it. Whoever writes JSON as text by
hand calls `storable_json` for it.
"""

import json
import re
from collections.abc import Callable
from typing import Any

from catalog.contract.json.sanitization import sanitize
from catalog.contract.json.text import escape_text

# In the ASCII text that `json.dumps` writes. It may find more than it means, such as the word NaN in a text: then the
# value is looked at for nothing, and stays as it is.
_SUSPICIOUS = re.compile(r"\\u0000|NaN|Infinity|\\ud[89ab][0-9a-f]{2}(?!\\ud[c-f])|(?<!\\ud[89ab][0-9a-f]{2})\\ud[c-f]")


def storable_text(text: str) -> str:
    r"""Return a text as PostgreSQL takes it: NUL and lone surrogates are spelled out as `\u0000` and `\ud800`."""
    return escape_text(text)


def storable_json(value: Any, dumps: Callable[[Any], str] = json.dumps) -> str:
    """Return a value as JSON text that a jsonb column takes: see `sanitize` for what is replaced.

    `dumps` writes the text, in ASCII, and may know more types than JSON has. Raises what it raises for a type that it
    does not know.
    """
    try:
        text = dumps(value)
    except (ValueError, RecursionError):  # integers of very many digits, and what nests too deeply
        return json.dumps(sanitize(value))
    return json.dumps(sanitize(json.loads(text))) if _SUSPICIOUS.search(text) else text
