"""Texts that stand where an id should and mean nobody. Each kind has one rule:

- *Nothing to read*: no letter and no digit but zeros; also -1, and the ends of what computers count with.
- *Words*: all its words mean nothing or nobody, are what an id is called, or stand between such, however they are
  separated, quoted, bracketed and marked: `(none)`, `$user->id`, `YOUR_USER_ID`, `undefined@null.com`.
- *Templates*: marks that nobody types but those who write templates, around whatever: `{{…}}`, `${…}`, `<%…%>`. Marks
  that people use, too, such as `(Bob)` and `:ann`, count only around the words above.
- *Code*: what languages write of a function, a class, an object or an error.
- *Nothing in disguise*: nothing that was hashed or encoded, and ids that whole kinds of devices share.

It is looked for in what remains when nobody sees it and when it is written for an address, a page or a program, once or
several times over: `%22`, `&amp;quot;`, `\\u0000`, `b'…'`; and behind what names it: `id=…`, `Optional(…)`.
"""

import base64
import hashlib
import html
import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import unquote

from catalog.contract.json.equality import shortest_number
from catalog.contract.placeholder_words import FILLERS, KINDS_OF_IDS, LABELS, NEGATED, NEGATIONS, NOTHING
from catalog.contract.sensitive_keys import MAX_INSPECTED_CHARACTERS, plain_text
from catalog.contract.short_text_cache import cached_for_short_texts

MAX_PLACEHOLDER_LENGTH = 64
"""A longer text is looked into for templates and code alone."""
MAX_LONG_PLACEHOLDER_LENGTH = 500
_INTEGER_LIMITS = (2**31 - 1, -(2**31), 2**32 - 1, 2**63 - 1, -(2**63), 2**64 - 1)
INTEGER_LIMITS = frozenset({*_INTEGER_LIMITS, *(shortest_number(float(limit)) for limit in _INTEGER_LIMITS)})
"""What programs write where a number is missing or does not fit, as an integer and as a JavaScript number: an id of
that number is nobody's."""

_SHARED_IDS = frozenset(
    {
        *("f" * 32, "f" * 12),  # the greatest UUID and the address of all devices
        "9774d56d682e549c",  # Android's emulators and some devices of 2010 share it
        "020000000000",  # what Android and iOS give as a device's address since they hide it
        "7" + "z" * 25,  # the greatest ULID
    }
)
_HASHED_WORDS = ("", " ", "null", "NULL", "None", "none", "nil", "undefined", "false", "0", "anonymous", "NaN")
_HASHES = frozenset(
    digest(word.encode()).hexdigest()
    for word in _HASHED_WORDS
    for digest in (hashlib.md5, hashlib.sha1, hashlib.sha256, hashlib.sha512)
)
_ENCODED = frozenset(
    encoded
    for word in (*(word.encode() for word in _HASHED_WORDS if len(word) > 2), bytes(16))
    for encoded in (base64.b64encode(word).decode(), base64.b64encode(word).decode().rstrip("="))
    if len(encoded) > 4
)
"""What becomes of nothing where a program hashes or encodes the id first."""

# Most ids are of these characters and have a digit: what such a text can be, other than an id, is known whole.
_ORDINARY = re.compile(r"[\w-]{0,64}[2-9][\w-]{0,64}", re.ASCII)
_NOT_ORDINARY = frozenset(
    {*_SHARED_IDS, *_HASHES, *(encoded.lower() for encoded in _ENCODED), *map(str, INTEGER_LIMITS)}
    | {"02-00-00-00-00-00", "lmy47d"}
)

_ZEROS = re.compile(
    r"[-+]?(?:0[xb])?[\s.,:/|_-]*0[0\s.,:/|_-]*(?:e[-+]?0+)?[lnfd]?|-0*1(?:[.,]0*)?(?:e0)?[ln]?", re.IGNORECASE
)
_MARKS = re.compile(r"(?=(?:[^x]*x){3})[-_.?*#x\s]+", re.IGNORECASE)
"""At least three x, where a form shows what to fill in."""
_TEMPLATE_INSIDE = re.compile(
    r"\{\{[^{}]{0,400}\}\}|[$#]\{[^{}]{0,400}\}|<[%?].{0,400}?[%?]>|\{%.{0,400}%\}|\*\|\w{1,60}\|\*", re.DOTALL
)
_TEMPLATE = re.compile(
    r"[@%!*]\{.*\}|[$%@]\(.*\)[sdif]?|\\\(.*\)|\{[$!A-Za-z_.\s][\w$!.\s]*\}(?<!\d\})|[$%]\[.*\]|"
    r"%{1,2}[\w. -]*[A-Za-z_][\w. -]*%{1,2}|%[-\d$.]*(?:h|l|ll|z)?[sdiufxXpv@]|\{\d\}|[$%?\\]\d|%!\w\(.*\)",
    re.DOTALL,
)
_CODE = re.compile(
    r"(?:async\s+)?function\b\s*\w*\s*\(|(?:async\s*)?(?:\(\w*\)|\w{1,20})\s*=>|lambda\b[\w\s,]{0,40}:|class\s+\w+\s*\{|"
    r"\[object[\s+]\w+\]|\[(?:Async)?Function\b|\[(?:class \w|native code\]|Getter|Circular\b)|Promise\s*\{|Symbol\(|"
    r"Instance of '|<[^<>]{1,200}\bat 0x[\da-f]|<(?:class|bound|built-in|Mock|MagicMock|Future)\b[ -]|<\w+: 0x[\da-f]|"
    r"#<\w[\w:]*(?::0x| ).*|(?:[\w$]+\.)+[A-Z][\w$]*@[\da-f]{4,8}\Z|\[{1,3}(?:[BCDFIJSZ]|L[\w.$]+;)@[\da-f]{4,8}\Z|"
    r"(?-i:(?:[\w$]+\.)*[A-Z]\w*(?:Error|Exception)(?::\s|\Z)|(?:Error|Exception):\s|"
    r"(?:[a-z]\w*\.){2}(?:Error|Exception)\Z)|"
    r"Exception\Z|Traceback \(|\w+ is not (?:defined|an? \w+)\Z|"
    r"System\.(?:Object|String|Guid|Byte|Int\d+|Nullable|Collections)\b.*|kotlin\.Unit\Z|Optional(?:\[\]|\(\))\Z|"
    r"Resource id #\d+\Z|(?:org\.json\.)?JSONObject\$\d\Z|std::nullopt\Z|pd\.NaT\Z|"
    r"NA_(?:character|integer|real)_\Z|[-+]?1\.#\w|[-+]?nan\(\w*\)\Z|"
    r"#(?:ref|value|name|null|num|error|div/0|n/a|spill|calc)[!?]?\Z",
    re.DOTALL | re.IGNORECASE,
)
"""What languages write of a function, a class, an object or an error, some with where it lies in memory."""
_NOT_AVAILABLE = re.compile(r"n\s?[/\\]\s?[adv]|n\.\s?[adv]\.?|\\{1,2}[n0t]", re.IGNORECASE)
"""`n/a` and its like, and how databases write NULL (`\\N`)."""

_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")
_ESCAPED_CHARACTER = re.compile(r"\\+u([\da-fA-F]{4})")
_ESCAPED_QUOTE = re.compile(r"\\+(?=[\"'])")
_QUOTES = "\"'`“”‘’„‚«»‹›「」『』 "
_BRACKETS = "([{<【〔〈《⟨「『"
_DRESS = "\"'`“”‘’„‚«»‹›「」『』【】〔〕〈〉《》⟨⟩{}[]()<> \t\r\n"
_EDGE_MARKS = "*_~#:=|/!?.,;@$ "
# Marks of other scripts (category M) belong to their words, and Python's \w has none of them.
_WORD_MARKS = "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0900-\u0903\u093a-\u094f\u0e31\u0e34-\u0e4e"
_WORDS = re.compile(rf"(?:[^\W_]|[{_WORD_MARKS}])+")
_PICTURES = re.compile("[\u2600-\u27bf\U0001f000-\U0001faff]")
"""Emoji, by which people call themselves."""


def _as_compared(words: frozenset[str]) -> frozenset[str]:
    return frozenset(plain_text(word).casefold() for word in words)


def _any_of(words: frozenset[str]) -> str:
    return "|".join(map(re.escape, sorted(words, key=lambda word: (-len(word), word))))


_NOTHING, _LABELS, _NEGATED, _NEGATIONS = map(_as_compared, (NOTHING, LABELS, NEGATED, NEGATIONS))
_KNOWN = _NOTHING | _LABELS | _NEGATED | _NEGATIONS | _as_compared(FILLERS)
# Short words joined with others make names of people (nan and no, nil and s), but not with what an id is called.
# Letters of Chinese and Japanese are words.
_JOINED = frozenset(word for word in _NOTHING | _LABELS if len(word) > 3 or not word.isascii()) | {"id", "uid"}
_JOINED_WORDS = re.compile(
    rf"(?:no|not|non)(?:{_any_of(_NEGATED | _LABELS)})+|"
    rf"(?:your|my|current|insert|enter)?(?:{_any_of(_JOINED)})+"
    rf"(?:(?:no|not|non)?(?:{_any_of(_NEGATED)})|here)?|"
    rf"(?:nan|nil)(?:{_any_of(_JOINED & _LABELS)})|(?:{_any_of(_JOINED & _LABELS)})(?:nan|nil)"
)
_LABEL = f"(?:{_any_of(_LABELS)})"
_WRAPPED = re.compile(
    rf"(?:[bu](?=[\"'])|(?:{_LABEL}[\s_.-]?){{1,3}}\s?[:=])\s?(.+)|(?:Optional|Some|Just)\((.+)\)",
    re.DOTALL | re.IGNORECASE,
)
"""What Python writes of bytes and texts, what stands behind a label, and what languages wrap an optional value in."""
_JOINED_TO_LABEL = re.compile(rf"(?:{_LABEL}[\s_.-]){{1,3}}(.+)", re.DOTALL | re.IGNORECASE)
MIN_ZEROS_OF_NOBODY = 12
"""Behind a label, fewer zeros may count somebody: `user_0`."""
MAX_READINGS = 5


@cached_for_short_texts()
def is_placeholder(text: str) -> bool:
    """Tell whether a text is blank, or what a program writes where it has no id."""
    if _ORDINARY.fullmatch(text):
        lowered = text.lower()
        if _NOT_ORDINARY.isdisjoint((lowered, lowered.strip("_-"), lowered.rpartition("_")[2])):
            return False
    plain = _CONTROLS.sub("", plain_text(text[:MAX_INSPECTED_CHARACTERS])).strip()
    return any(map(_means_nobody, _readings(plain)))


def _readings(plain: str) -> Iterator[str]:
    """Yield a text as it is, and what it says each time it is unwrapped: see `_unwrapped`."""
    for _ in range(MAX_READINGS):
        yield plain
        reading = _CONTROLS.sub("", plain_text(_unwrapped(plain))).strip()
        if reading == plain:
            return
        plain = reading


def _unwrapped(text: str) -> str:
    """Return what a text says that was written for an address, a page or a program, or stands behind a label."""
    if wrapped := _WRAPPED.fullmatch(text.strip(_QUOTES) if text[-1:] not in "\"'" else text.lstrip(_QUOTES)):
        return wrapped[1] or wrapped[2]
    if "\\" in text:
        text = _ESCAPED_QUOTE.sub("", _ESCAPED_CHARACTER.sub(lambda match: chr(int(match[1], 16)), text))
    if "&" in text:
        text = html.unescape(text)
    return unquote(text) if "%" in text else text


def _means_nobody(plain: str) -> bool:
    bare = plain.strip(_DRESS)
    forms = {bare, *(bare.strip(_EDGE_MARKS + marks) for marks in (_DRESS, _DRESS + "-"))}
    if any(form.lower() in _HASHES for form in forms):
        return True
    if len(plain) > MAX_PLACEHOLDER_LENGTH:
        beginning = plain[:MAX_LONG_PLACEHOLDER_LENGTH]
        return _is_zeros(beginning.strip(_DRESS)) or _is_code_or_template(beginning)
    if not bare or any(map(_is_nothing_itself, forms)):
        return True
    if _is_code_or_template(plain) or _is_shared_behind_label(plain.strip(_QUOTES)):
        return True
    words = [word for word in _WORDS.findall(bare.casefold()) if any(map(str.isalnum, word))]
    return _are_of_nobody(words) if words else _PICTURES.search(bare) is None


def _is_nothing_itself(form: str) -> bool:
    """Tell whether a text without its dress is nothing, whatever it was dressed in."""
    if _is_zeros(form) or _MARKS.fullmatch(form) or _NOT_AVAILABLE.fullmatch(form):
        return True
    return form in _ENCODED or _is_integer_limit(form)


def _is_shared_behind_label(bare: str) -> bool:
    """Tell whether what cannot be an id stands behind what an id is called: `user_00000000-0000-…`."""
    labelled = _JOINED_TO_LABEL.fullmatch(bare)
    if labelled is None:
        return False
    rest = labelled[1]
    compact = rest.lower().replace("-", "").replace(":", "")
    if compact in _SHARED_IDS or compact in _HASHES or rest in _ENCODED or _is_integer_limit(rest):
        return True
    if _is_code_or_template(rest):
        return True
    return len(compact) >= MIN_ZEROS_OF_NOBODY and _is_zeros(rest)


def _is_zeros(bare: str) -> bool:
    if not bare.isascii():
        bare = "".join(str(unicodedata.decimal(character, character)) for character in bare)
    return _ZEROS.fullmatch(bare) is not None


def _is_integer_limit(bare: str) -> bool:
    return bare.removeprefix("-").isdecimal() and int(bare) in INTEGER_LIMITS


def _is_code_or_template(text: str) -> bool:
    unquoted = text.strip(_QUOTES)
    forms = [unquoted, text.strip(_DRESS), unquoted.strip(_EDGE_MARKS + "-"), unquoted.rstrip(_EDGE_MARKS)]
    if unquoted[:1] in _BRACKETS:
        forms.append(unquoted[1:-1].strip(_QUOTES))
    return _TEMPLATE_INSIDE.search(text) is not None or any(
        _CODE.match(form) or _TEMPLATE.fullmatch(form) for form in forms
    )


def _are_of_nobody(words: list[str]) -> bool:
    """Tell whether words say that there is no id, or are only what an id is called."""
    others = [word for word in words if word.strip("0")]
    has_zeros = len(others) < len(words)
    if has_zeros and KINDS_OF_IDS.issuperset(others):
        return True
    if "".join(word for word in words if word not in KINDS_OF_IDS) in _SHARED_IDS:
        return True
    joined = [word for word in others if word not in _KNOWN]
    if not all(map(_JOINED_WORDS.fullmatch, joined)):
        return False
    found = set(others)
    if has_zeros:
        return not found.isdisjoint(_NOTHING)
    is_denied = not found.isdisjoint(_NEGATIONS) and not found.isdisjoint(_NEGATED)
    return bool(joined) or is_denied or not found.isdisjoint(_NOTHING | _LABELS)
