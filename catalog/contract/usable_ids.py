"""Ids of users, devices and messages: which values are one, and which are what programs write where there is none.

The words are those that Amplitude, Mixpanel and PostHog refuse as ids, and what else languages, databases, templates
and platforms write for nothing.
"""

import base64
import hashlib
import math
import re
from typing import Any

from catalog.contract.json.equality import shortest_number
from catalog.contract.sensitive_keys import MAX_INSPECTED_CHARACTERS, plain_text
from catalog.contract.short_text_cache import cached_for_short_texts

MAX_INTEGER_BITS = 1024
MAX_PLACEHOLDER_LENGTH = 64

_NOTHING = frozenset(
    {
        *("null", "nil", "none", "undefined", "undef", "void", "nan", "inf", "infinity", "true", "false", "empty"),
        *("blank", "na", "n/a", "n.a.", "not available", "not set", "notset", "unset", "not provided", "missing"),
        *("no id", "noid", "unknown", "unidentified", "anonymous", "anonymoususer", "anon", "guest", "visitor"),
        *("nobody", "someone", "not authenticated", "unauthenticated", "not logged in", "notloggedin", "logged out"),
        *("loggedout", "signed out", "default", "placeholder", "error", "dbnull", "nulltext", "object"),
        *("object object", "object undefined", "object null", "system.object", "optional(nil)", "#ref!", "#value!"),
        *("#name?", "#n/a", "lmy47d", "n/d", "no user"),
        "\\n",  # a database writes \N
    }
)
_LABELS = frozenset(
    {"id", "user", "userid", "distinctid", "distinct", "device", "deviceid", "anonymousid", "email", "uid"}
)
"""What an id is called; written where it should stand, it is none."""
_FIXED = frozenset(
    {
        *("ffffffff-ffff-ffff-ffff-ffffffffffff", "ffffffffffffffffffffffffffffffff"),
        "9774d56d682e549c",  # Android's emulators and some devices of 2010 share it
        "02:00:00:00:00:00",  # what Android and iOS give as a device's address since they hide it
    }
)
_HASHED_WORDS = ("", " ", "null", "NULL", "None", "none", "nil", "undefined", "false", "0", "anonymous", "NaN")
_HASHES = frozenset(
    digest(word.encode()).hexdigest()
    for word in _HASHED_WORDS
    for digest in (hashlib.md5, hashlib.sha1, hashlib.sha256, hashlib.sha512)
)
_ENCODED = frozenset(base64.b64encode(word.encode()).decode() for word in _HASHED_WORDS if len(word) > 2)
"""What becomes of nothing where a program hashes or encodes the id first."""
_ZEROS = re.compile(r"[-+]?0x?[0\s.:_-]*|-1(?:\.0*)?|[-_.?*#\s]+|(?=(?:[^x]*x){3})[-_.?*#x\s]+", re.IGNORECASE)
"""Zeros, and marks or at least three x where a form shows what to fill in."""
_TEMPLATE = re.compile(
    r"\{\{.*\}\}|\{%.*%\}|[$#@%]\{.*\}|<%.*%>|\{[A-Za-z_.\s]*\}|%[-\d$]*[sdiu@]|%[A-Za-z_]+%|%%[A-Za-z_.]+%%|"
    r"<[A-Za-z_.\s-]*>|\[[A-Za-z_.\s-]*\]|\([A-Za-z_.\s-]*\)|\$[A-Z_]+|:[A-Za-z_]+",
    re.DOTALL,
)
_CODE = re.compile(
    r"function\s*\w*\s*\(.*|\[object [A-Za-z]+\]|<\w+ object at 0x.*|\[native code\]|#<\w[\w:]*(?::0x| ).*|"
    r"(?:[\w$]+\.)+[A-Z][\w$]*@[\da-f]{4,8}\Z|\[{1,3}(?:[BCDFIJSZ]|L[\w.$]+;)@[\da-f]{4,8}\Z",
    re.DOTALL,
)
"""What languages write of a function or an object, those of Ruby and Java with where it lies in memory."""
_SEPARATORS = re.compile(r"[\s:|/,;_+@=.-]+")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")
_ENCODED_QUOTES = re.compile(r"%22|\\(?=[\"'])")
_QUOTES = "\"'`“”‘’„‚«»‹›「」『』"
_BRACKETS = "{}[]()<>"


def id_text(value: Any) -> str:
    """Return an id as text: a text or number that means somebody, as it came; "" for anything else.

    The number 1.0 is 1. A text that stands where no id is (`null`, `[object Object]`, `{{user.id}}`, zeros) is
    none, and neither are 0, -1 and blanks.
    """
    if isinstance(value, str):
        return "" if is_placeholder(value) else value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    if isinstance(value, float):
        if not math.isfinite(value):
            return ""
        value = shortest_number(value)
    if value in (0, -1) or (isinstance(value, int) and value.bit_length() >= MAX_INTEGER_BITS):
        return ""
    return str(value)


@cached_for_short_texts()
def is_placeholder(text: str) -> bool:
    """Tell whether a text is blank, or what a program writes where it has no id."""
    plain = _CONTROLS.sub("", plain_text(text[:MAX_INSPECTED_CHARACTERS])).strip()
    if plain.lower() in _HASHES:
        return True
    if len(plain) > MAX_PLACEHOLDER_LENGTH:
        return _CODE.match(plain[:MAX_PLACEHOLDER_LENGTH]) is not None
    plain = _ENCODED_QUOTES.sub("", plain).strip(_QUOTES).strip()
    unbracketed = plain.strip(_BRACKETS).strip()
    if not unbracketed or _ZEROS.fullmatch(unbracketed) or _TEMPLATE.fullmatch(plain) or _CODE.match(plain):
        return True
    folded = plain.casefold()
    if folded in _NOTHING or folded in _LABELS or unbracketed.casefold() in _FIXED or plain in _ENCODED:
        return True
    words = [word for word in _SEPARATORS.split(folded) if word]
    spaced = " ".join(words)
    return spaced in _NOTHING or all(word in _NOTHING or word in _LABELS for word in words)


def plain_id(text: str) -> str:
    """Return an id in plain characters, without its blanks and what nobody sees in it: full-width `１２` is `12`."""
    return "".join(_CONTROLS.sub("", plain_text(text)).split())


def folded_id(text: str) -> str:
    """Return a plain id without its case: two ids with one such text are likely one, written twice."""
    return plain_id(text).casefold()
