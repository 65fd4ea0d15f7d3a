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


def holds_nothing(value: str) -> bool:
    """Tell whether a value under a sensitive key is a flag, a blank, a template or what stands for what was redacted.

    As it is, or encoded for an address.
    """
    plain = plain_text(unquote_plus(value) if "%" in value or "+" in value else value).strip()
    return _NOTHING.fullmatch(plain) is not None or is_placeholder(plain)
