"""Formats of JSON Schema as patterns of Python that match nothing but texts of the format.

They match what programs write, not all that the format allows: the rest is not fast.
"""

from catalog.contract.fast_path.not_fast import NotFast
from catalog.contract.schema.validator import CHECKED_FORMATS

_DATE = (
    r"[12][0-9]{3}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|"
    r"(?:0[13578]|1[02])-31)"
)
_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9})?(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
_LABEL = r"[A-Za-z0-9]{1,30}+(?:-[A-Za-z0-9]{1,30}+)?+"
_HOST = rf"(?:{_LABEL}\.){{0,3}}+[A-Za-z]{{1,30}}"
_BYTE = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_ESCAPE = r"%[0-9A-Fa-f]{2}"
_PATH = rf"(?:/(?:[A-Za-z0-9._~@!$&'()*+,;=:-]++|{_ESCAPE})++)*+/?+"
_QUERY = rf"(?:\?(?:[A-Za-z0-9._~@!$&'()*+,;=:/?-]++|{_ESCAPE})*+)?+"
_FRAGMENT = rf"(?:\#(?:[A-Za-z0-9._~@!$&'()*+,;=:/?-]++|{_ESCAPE})*+)?+"
_ADDRESS = rf"https?://{_HOST}(?::[0-9]{{1,4}})?{_PATH}{_QUERY}{_FRAGMENT}"

_PATTERNS = {
    "date": _DATE,
    "time": _TIME,
    "date-time": rf"{_DATE}T{_TIME}",
    "uuid": r"[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}",
    "ipv4": rf"{_BYTE}\.{_BYTE}\.{_BYTE}\.{_BYTE}",
    "hostname": _HOST,
    "email": rf"[A-Za-z0-9_+-]{{1,40}}(?:\.[A-Za-z0-9_+-]{{1,20}})?@(?:{_LABEL}\.){{1,3}}[A-Za-z]{{2,30}}",
    "uri": _ADDRESS,
    "uri-reference": rf"(?:{_PATH}{_QUERY}{_FRAGMENT}|{_ADDRESS})",
}


def narrow_format(name: str) -> str | None:
    """Return a pattern of texts that are of a format; None where the validator does not check the format.

    Raises NotFast for a format that it checks and that has no pattern here.
    """
    if name not in CHECKED_FORMATS:
        return None
    if name not in _PATTERNS:
        raise NotFast(f"the format {name}")
    return rf"\A(?:{_PATTERNS[name]})\Z"
