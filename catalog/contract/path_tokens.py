"""Secrets in the path of an address: what stands behind a word such as *reset* or *invite* and means nothing itself."""

import re
from collections.abc import Iterator

_SEGMENT = re.compile(r"(?:\A|[/?&#=]|%(?:25){0,4}2[Ff])((?:(?!%(?:25){0,4}2[Ff])[^/?#&=\s\"'<>]){1,500})")
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_RUN = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|\d+")
_VOWEL = re.compile("[AEIOUYaeiouy]")
_TOKEN = re.compile(r"[\w.~%+-]{8,500}")
_FILE = re.compile(
    r"\.(?:html?|php|aspx?|jsp|js|mjs|css|map|json|xml|txt|pdf|png|jpe?g|gif|webp|svg|ico|woff2?)\Z", re.I
)
_UUID = re.compile(r"[\da-fA-F]{8}-(?:[\da-fA-F]{4}-){3}[\da-fA-F]{12}")

MAX_SEGMENTS_BETWEEN = 2
"""As in `/verify-email/expired/‹token›` and `/reset/‹user›/‹token›`."""

# A link with one of these lets in whoever has it.
_OPENING_WORDS = frozenset(
    {
        *(
            "reset",
            "resets",
            "resetpassword",
            "passwordreset",
            "password",
            "passwords",
            "recover",
            "recovery",
            "unlock",
        ),
        *("invite", "invites", "invitation", "invitations", "magic", "magiclink", "unsubscribe", "activate"),
        *("activation", "token", "tokens", "webhook", "webhooks"),
    }
)
# So may one with these, but pages of things have them, too: `/orders/confirm/‹order›`.
_OTHER_WORDS = frozenset(
    {"confirm", "confirmation", "verify", "verification", "accept", "auth", "login", "signin", "signup", "sso", "oauth"}
)
# What they have in common: most addresses have none of these and are looked at no further.
_PARTS_OF_WORDS = (
    *("reset", "passw", "recover", "unlock", "invit", "magic", "unsub", "activat", "token", "webhook"),
    *("confirm", "verif", "accept", "auth", "login", "sign", "sso"),
)
MIN_LENGTH_AFTER_OPENING_WORDS = 8
MIN_LENGTH_AFTER_OTHER_WORDS = 20
MIN_LENGTH_OF_ONE_WORD = 20
MIN_LENGTH_WITH_DIGITS = 20
MIN_DRAWN_LENGTH = 6
MAX_MEAN_WORD = 3
MIN_RUNS = 3


def find_path_tokens(text: str) -> Iterator[tuple[int, int]]:
    """Yield where a text holds a secret in a path, in linear time."""
    lowered = text.lower()
    if not any(part in lowered for part in _PARTS_OF_WORDS):
        return
    segments_left, min_length, is_uuid_secret = 0, 0, False
    for segment in _SEGMENT.finditer(text):
        words = {word.lower() for word in _WORD.findall(segment[1][:80])}
        if segments_left and looks_opaque(segment[1], min_length=min_length, is_uuid_opaque=is_uuid_secret):
            yield segment.span(1)
        elif words & _OPENING_WORDS:
            segments_left, min_length, is_uuid_secret = MAX_SEGMENTS_BETWEEN + 1, MIN_LENGTH_AFTER_OPENING_WORDS, True
        elif words & _OTHER_WORDS and not (segments_left and is_uuid_secret):
            segments_left, min_length, is_uuid_secret = MAX_SEGMENTS_BETWEEN + 1, MIN_LENGTH_AFTER_OTHER_WORDS, False
        elif segments_left:
            segments_left -= 1


def looks_opaque(text: str, *, min_length: int, is_uuid_opaque: bool = False) -> bool:
    """Tell whether a part of an address is no word, number or slug of people, but what a program drew.

    Its letters, capitals and digits take turns; or it is one word that is longer than those of people.
    """
    if not min_length <= len(text) <= 500 or not _TOKEN.fullmatch(text) or _FILE.search(text):
        return False
    if _UUID.fullmatch(text):
        return is_uuid_opaque
    if text.isalpha():
        runs = len(_RUN.findall(text))
        # Words of people are joined by hyphens or by capitals, and then each has some letters.
        return len(text) >= MIN_LENGTH_OF_ONE_WORD if runs == 1 else runs > 3 and len(text) / runs <= MAX_MEAN_WORD
    return any(_is_drawn(piece) for piece in re.split(r"[^A-Za-z0-9]+", text) if len(piece) >= MIN_DRAWN_LENGTH)


def _is_drawn(piece: str) -> bool:
    """Tell whether letters and digits take turns in a piece without separators more than in what people write."""
    runs = _RUN.findall(piece)
    numbers = sum(map(str.isdecimal, runs))
    if len(runs) < MIN_RUNS or numbers in (0, len(runs)):
        return False
    if len(piece) >= MIN_LENGTH_WITH_DIGITS and numbers > 1:
        return True
    in_words = sum(len(run) for run in runs if len(run) >= 3 and _VOWEL.search(run))  # MacBookPro16M3
    return in_words * 2 < len(piece)
