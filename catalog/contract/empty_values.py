"""Values that hold nothing, though their key calls them personal or secret: flags, blanks and what was redacted.

`?mobile=1` is a layout and `?token=[redacted]` somebody's care: neither is what its key says.
"""

import re
from urllib.parse import unquote_plus

from catalog.contract.placeholder_ids import is_placeholder
from catalog.contract.sensitive_keys import plain_text

_NOTHING = re.compile(
    r"[01]|true|false|yes|no|on|off|enabled|disabled|required|optional|accepted|declined|"
    r"‹[^‹›]{1,40}›|<[^<>]{1,40}>|\[[^\[\]]{1,40}\]|your[ _-].{1,40}",
    re.IGNORECASE,
)
"""Flags, our own masks, and what says in brackets, or to the reader, what should stand there."""


_WORD = re.compile(r"[^\W_]+")
_FILLERS = frozenset({"here", "insert", "enter", "example", "sample", "dummy", "my", "your", "the", "some", "value"})
"""What is written around the name of a value that should stand there: `INSERT_TOKEN_HERE`."""
MAX_NAME_LENGTH = 60


def holds_nothing(value: str, key: str = "") -> bool:
    """Tell whether a value under a sensitive key is a flag, a blank, a template or what stands for what was redacted.

    As it is, or encoded for an address. A value that is no more than the name of its key stands for one, too, as in
    the patterns of routes: `?token=:token`, `?token=__TOKEN__`.
    """
    plain = _plain(value)
    return _NOTHING.fullmatch(plain) is not None or is_placeholder(plain) or (bool(key) and _names_key(plain, key))


def _plain(value: str) -> str:
    return plain_text(unquote_plus(value) if "%" in value or "+" in value else value).strip()


def _names_key(plain: str, key: str) -> bool:
    if len(plain) > MAX_NAME_LENGTH or len(key) > MAX_NAME_LENGTH:
        return False
    words, names = (frozenset(_WORD.findall(text.lower())) for text in (plain, _plain(key)))
    if words.isdisjoint(names) or not words <= names | _FILLERS:
        return False
    # Some people's password is password.
    return not plain.isalpha() or plain.isupper() or "pass" not in key.lower()
