"""Secrets in the path of an address: what stands behind a word such as *reset* or *invite* and means nothing itself.

A parameter behind such a word says by its own name what it holds: `/signup?gclid=…` names the click on an ad, whatever
the page is. Only one of which the name says nothing (`/reset?t=…`) may hold what the word opens.
"""

import re
from collections.abc import Iterator

_SEGMENT = re.compile(r"(\A|[/?&#=]|%(?:25){0,4}2[Ff])((?:(?!%(?:25){0,4}2[Ff])[^/?#&=\s\"'<>]){1,500})")
_BEFORE_NAMES = ("?", "&", "#")
_IS_FOLLOWED_BY_VALUE = re.compile(r"=[^=\s]")
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_RUN = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|\d+")
_VOWEL = re.compile("[AEIOUYaeiouy]")
_TOKEN = re.compile(r"[\w.~%+-]{8,500}")
_FILE = re.compile(
    r"\.(?:html?|php|aspx?|jsp|js|mjs|css|map|json|xml|txt|pdf|png|jpe?g|gif|webp|svg|ico|woff2?)\Z", re.I
)
_UUID = re.compile(r"[\da-fA-F]{8}-(?:[\da-fA-F]{4}-){3}[\da-fA-F]{12}")

MAX_NAME_LENGTH = 60
MAX_LENGTH_OF_VAGUE_NAME = 2
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
_ALL_WORDS = _OPENING_WORDS | _OTHER_WORDS
# Behind these, as the whole step of a path, stands what is there for all who have the link: `/share/‹token›`.
_LINK_WORDS = frozenset({"share", "shared", "join"})
# Beside them an opening word still is one: `/user/reset-password`, `/verify-email-link`. Beside others it may name a
# thing (`/magic-mouse/B0CHX1W1XY`, `/password-manager`), and only what is as long as few articles' numbers counts.
_WORDS_BESIDE = frozenset(
    {
        *("account", "accounts", "user", "users", "my", "your", "email", "mail", "link", "links", "url", "code", "key"),
        *(
            "id",
            "hash",
            "request",
            "new",
            "edit",
            "change",
            "forgot",
            "lost",
            "set",
            "create",
            "choose",
            "update",
            "pw",
        ),
        *(
            "pw",
            "team",
            "org",
            "organization",
            "workspace",
            "project",
            "group",
            "company",
            "member",
            "guest",
            "customer",
        ),
        *("client", "admin", "register", "registration", "welcome", "first", "newsletter", "subscription", "incoming"),
        *("do", "complete", "finish", "one", "time", "by", "via", "with", "page", "form", "u", "app", "api", "s", "me"),
    }
)
# Parameters that people are sent along with, whatever page it leads to: clicks on ads, campaigns, where to go next.
_OTHER_PARAMETERS = re.compile(
    r".*cl?k?id|.*click_?id|[gw]braid|gclsrc|li_fat_id|epik|rdt_cid|_ga|_gl|_ga_.*|_?hs[ae_].*|_kx|mc_[ce]id|mkt_tok|igshid|irgwc|"
    r"utm_.*|.*campaign.*|.*variant|experiment|source|medium|channel|affiliate|partner|ref|ref_.*|referr?er|coupon|"
    r"promo|plan|product|sku|item|order|lang|locale|next|continue|back|.*redirect.*|return.*|.*_?ur[il]|path|page|to|"
    r"from|client_?id|state|nonce|session_?id|request_?id|trace_?id|.*version|v|ts|time|timestamp",
    re.IGNORECASE,
)
# Names that say nothing of what they hold.
_VAGUE_PARAMETERS = frozenset({"id", "uid", "hash", "data", "val", "value", "sig", "crypt", "param", "params", "link"})
# What all of these words have in common: most addresses have none of these and are looked at no further.
_PARTS_OF_WORDS = (
    *("reset", "passw", "recover", "unlock", "invit", "magic", "unsub", "activat", "token", "webhook"),
    *("confirm", "verif", "accept", "auth", "login", "sign", "sso", "share", "join"),
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
    segments_left, min_length, is_uuid_secret, is_other_value = 0, 0, False, False
    for segment in _SEGMENT.finditer(text):
        introduction, step = segment[1], segment[2]
        words = {word.lower() for word in _WORD.findall(step[:80])}
        is_name = introduction in _BEFORE_NAMES and _IS_FOLLOWED_BY_VALUE.match(text, segment.end()) is not None
        if introduction in _BEFORE_NAMES:
            is_other_value = is_name and not _may_hold_secret(step, is_strict=not is_uuid_secret)
        may_be_secret = segments_left > 0 and not is_name and not is_other_value
        if may_be_secret and looks_opaque(step, min_length=min_length, is_uuid_opaque=is_uuid_secret):
            yield segment.span(2)
            continue
        is_opening = bool(words & _OPENING_WORDS) and words <= _ALL_WORDS | _WORDS_BESIDE
        if is_opening or (
            (words & _ALL_WORDS or step.lower() in _LINK_WORDS) and not (segments_left and is_uuid_secret)
        ):
            segments_left, is_uuid_secret, is_other_value = MAX_SEGMENTS_BETWEEN + 1, is_opening, False
            min_length = MIN_LENGTH_AFTER_OPENING_WORDS if is_opening else MIN_LENGTH_AFTER_OTHER_WORDS
        elif segments_left and not is_name:
            segments_left -= 1


def _may_hold_secret(name: str, *, is_strict: bool) -> bool:
    """Tell whether what a word opens may stand in a parameter of this name, which has no such word itself.

    `is_strict` where the word is one that pages of things have, too: then the name must say nothing.
    """
    if len(name) <= MAX_LENGTH_OF_VAGUE_NAME or name.lower() in _VAGUE_PARAMETERS:
        return name.lower() not in ("to", "v", "ts")
    return not is_strict and not _OTHER_PARAMETERS.fullmatch(name[:MAX_NAME_LENGTH])


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
