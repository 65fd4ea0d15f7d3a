"""Secrets in texts: keys and tokens by the marks that their issuers give them, signed tokens, passwords in addresses,
and what stands behind the name of a secret (`password: hunter2`).
"""

import base64
import binascii
import re
from collections.abc import Iterator

from catalog.contract.empty_values import holds_nothing
from catalog.contract.sensitive_keys import is_secret_key, is_sensitive_key

# Of bearers people write, too: “Bearer of bad news”, “Bearer token is missing”.
_NO_WORD_AFTER_BEARER = (
    r"(?!(?:of|to|for|or|and|is|was|not|bonds?|shares?|scheme|auth|authentication|authorization|required|missing)"
    r"(?:[\s.,:;!?]|\Z)|tokens?(?![^\d\s])\D{0,60}\Z)"
)
# What the keys and tokens of vendors, and ours, begin with, the first letter by itself. Every quantifier that can meet
# the one after it is bounded: no pattern takes more than linear time.
_BEGINNINGS = (
    *(
        rf"Bearer\s+{_NO_WORD_AFTER_BEARER}\S",
        r"bearer\s+(?=\S{0,60}\d)\S{16}",
        r"BEARER\s+(?=\S{0,60}\d)\S{16}",
        r"-----BEGIN[A-Z ]{0,40}",
    ),
    *(
        r"sk_(?:live|test)_\w",
        r"rk_(?:live|test)_\w",
        r"pk_(?:live|test)_\w",
        r"sk-(?:(?:proj|ant|svcacct|admin|or)-[\w-]{20}|[A-Za-z0-9]{20})",
        r"SG\.[\w-]{16}",
    ),
    *(r"gh[pousr]_\w{10}", r"github_pat_\w{10}", r"gl(?:pat|ptt|rt|dt|soat|cbt|ft|imt|agent)-[\w-]{10}", r"gsk_\w{40}"),
    *(r"xox[abceoprs]-", r"xapp-\d", r"xwfp-", r"xai-\w{60}", r"xprv\w{90}", r"AIza[\w-]{30}", r"ya29\.[\w-]{10}"),
    *(r"1//0[\w-]{20}", r"4/0A[\w-]{20}", r"GOCSPX-[\w-]{20}", r"A(?:KIA|SIA|BIA|CCA)[0-9A-Z]{12}", r"AC[0-9a-f]{32}"),
    *(r"AT[AC]TT3[\w-]{20}", r"AGE-SECRET-KEY-1\w{50}", r"AccountKey=[\w+/]{40}", r"amzn\.mws\.[0-9a-f-]{36}"),
    *(r"npm_\w{30}", r"ntn_\w{40}", r"NRAK-\w{20}", r"pypi-AgE[\w-]{10}", r"ph[cx]_\w{20}", r"pplx-\w{40}"),
    *(
        r"pat\w{14}\.[0-9a-f]{60}",
        r"pscale_(?:tkn|oauth|pw)_[\w-]{20}",
        r"PMAK-[0-9a-f]{24}",
        r"shp(?:at|ca|pa|ss)_[\da-f]{20}",
    ),
    *(
        r"sq0(?:atp|csp)-[\w-]{20}",
        r"secret_[A-Za-z0-9]{30}",
        r"sntry[su]_\w{30}",
        r"sb[ps]_[0-9a-f]{40}",
        r"SK[\da-f]{32}",
    ),
    *(
        r"sb_secret_\w{20}",
        r"sb_[\w-]{43}(?![\w-])",
        r"do[opr]_v1_[0-9a-f]{20}",
        r"dapi[0-9a-f]{32}",
        r"dckr_pat_[\w-]{20}",
        r"r8_\w{36}",
    ),
    *(
        r"dp\.(?:pt|st|ct|sa)\.\w{40}",
        r"hf_[A-Za-z]{20}",
        r"hv[sbr]\.[\w-]{20}",
        r"HRKU-[\w-]{30}",
        r"whsec_[\w+/=]{16}",
    ),
    *(r"lin_api_\w{20}", r"key-[0-9a-f]{32}", r"EAACEdEose0cBA", r"EAAA[\w-]{50}", r"EAA[A-Za-z0-9]{80}", r"ops_eyJ"),
    *(r"T[A-Z0-9]{8,12}/B[A-Z0-9]{8,12}/\w{20}", r"bot\d{8,10}:[\w-]{30}", r"figd_[\w-]{30}", r"fo1_[\w-]{40}"),
    *(r"glsa_\w{30}", r"glc_eyJ", r"vc[piark]_\w{40}", r"eyJ(?:hbGci|0eXAi|raWQi|lbmMi|jdHki)[\w-]{4,500}\.[\w-]{4}"),
)


def _by_first_letter(patterns: tuple[str, ...]) -> str:
    """Return one pattern for all, in which a letter that none begins with costs little."""
    letters: dict[str, list[str]] = {}
    for pattern in patterns:
        letters.setdefault(pattern[0], []).append(pattern[1:])
    return "|".join(f"{first}(?:{'|'.join(rests)})" for first, rests in letters.items())


_TOKEN = re.compile(rf"(?<![A-Za-z0-9])(?:{_by_first_letter(_BEGINNINGS)})[\w.~+/=-]{{0,500}}")
# Those of Mailchimp, Telegram, Terraform and Azure have their mark inside; Discord's have two points.
_MARKS_INSIDE = ("-us", ":AA", ".atlasv1.", "Q~")
_TOKEN_WITH_MARK_INSIDE = re.compile(
    r"(?<![A-Za-z0-9])(?:[0-9a-f]{32}-us\d{1,2}(?!\w)|\d{8,10}:AA[\w-]{33}|\w{14}\.atlasv1\.[\w-]{20,500}|"
    r"[MNO][\w-]{23,27}\.[\w-]{6}\.[\w-]{27,40}(?![\w.-])|[\w~.-]{3}[78]Q~[\w~.-]{31})"
)
_BEARER = re.compile(r"[Bb]earer\s{1,9}([^\s\"',;]{1,200})")
_BASIC = re.compile(r"(?<![A-Za-z0-9])[Bb](?:asic|ASIC)\s+([A-Za-z0-9+/]{4,500}={0,2})")
_JWT = re.compile(r"(?<![\w-])[\w-]{11,500}(?<=[\w-]{11})\.eyJ[\w.-]{0,1000}")
_SIGNED = re.compile(r"(?<=[\w-]{11})\.eyJ[\w.-]{0,1000}")
_USER_AND_PASSWORD = re.compile(r"(?<=://)[^\s/?#@:]{0,64}:[^\s/?#@]{1,500}(?=@)")
# Parameters of an address (`?token=…`) are asked elsewhere, whatever their value.
_ASSIGNMENT = re.compile(
    r"(?<![\w.?&#;%-])([A-Za-z][\w.-]{2,60})[\"']?\s{0,3}[:=]\s{0,3}[\"']?([^\s\"'&,;<>(){}\[\]]{6,500})"
)
_MARK = re.compile(r"[\d_-]|[A-Za-z]{20}")
"""Every token has one of these, and few sentences have."""
_SECRET_PARTS = ("token", "secret", "passw", "pwd", "key", "signature", "credential", "jwt", "otp", "auth")
_DIGIT, _LETTER = re.compile(r"\d"), re.compile("[A-Za-z]")


def find_secret_texts(text: str) -> Iterator[tuple[int, int]]:
    """Yield where a plain text holds secrets, in linear time."""
    if _MARK.search(text) or "earer" in text:
        yield from (match.span() for match in _TOKEN.finditer(text) if not _is_bearer_of_nothing(match))
    if text.count(".") > 1 or any(mark in text for mark in _MARKS_INSIDE):
        yield from (match.span() for match in _TOKEN_WITH_MARK_INSIDE.finditer(text))
    if "asic" in text or "ASIC" in text:
        yield from (match.span(1) for match in _BASIC.finditer(text) if _is_user_and_password(match[1]))
    if ".eyJ" in text:
        yield from (match.span() for match in list(_JWT.finditer(text)) or list(_SIGNED.finditer(text)))
    if "@" in text and "://" in text:
        for match in _USER_AND_PASSWORD.finditer(text):
            if not holds_nothing(match[0].partition(":")[2]):
                yield match.span()
    if ":" in text or "=" in text:
        lowered = text.lower()
        if any(part in lowered for part in _SECRET_PARTS):
            yield from (match.span(2) for match in _ASSIGNMENT.finditer(text) if _gives_secret(match))


def _is_bearer_of_nothing(match: re.Match[str]) -> bool:
    """Tell whether nothing stands after *Bearer*: `Bearer undefined`, `Bearer [redacted]`."""
    bearer = _BEARER.match(match.string, match.start())
    return bearer is not None and holds_nothing(bearer[1])


def _is_user_and_password(encoded: str) -> bool:
    """Tell whether a text is a name and a password in base64 (RFC 7617), and no word after *Basic*."""
    try:
        return b":" in base64.b64decode(encoded.rstrip("=") + "=" * (-len(encoded.rstrip("=")) % 4))
    except binascii.Error:
        return False


def _gives_secret(match: re.Match[str]) -> bool:
    """Tell whether a secret stands behind its name: letters and digits, and no word such as *required*."""
    name, value = match.groups()
    return (
        is_secret_key(name)
        and is_sensitive_key(name)
        and _DIGIT.search(value) is not None
        and _LETTER.search(value) is not None
    )
