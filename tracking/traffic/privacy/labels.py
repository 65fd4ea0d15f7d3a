"""Labels that strangers chose: names of events and app versions, without the personal data and secrets inside them.

What is found is replaced by its kind and a short pseudonym, the same for the same value, so that counts hold:
`Viewed anna@example.org` becomes `Viewed ‹email 3f2a›`, and `/reset?token=abc` becomes `/reset?token=‹token›`. A secret
gets no pseudonym. Rows, hashes and limits know the masked label alone; what is defined is matched before.
"""

from catalog.contract.pii_detection import PersonalData, find_personal_data, inspected_text
from catalog.contract.sensitive_keys import MAX_INSPECTED_CHARACTERS
from catalog.contract.short_text_cache import cached_for_short_texts
from tracking.traffic.privacy.pseudonyms import keyed_hash

_ALL_KINDS = frozenset(PersonalData)
# `10.0.22.631` is a version, and a date or a build may begin with a plus.
_KINDS_IN_VERSIONS = _ALL_KINDS - {PersonalData.ADDRESS, PersonalData.PHONE}


@cached_for_short_texts()
def mask_label(text: str) -> str:
    """Return a name as it may be stored: as it is where it holds neither personal data nor a secret."""
    return _masked(text, _ALL_KINDS)


@cached_for_short_texts()
def mask_version(text: str) -> str:
    """Return an app version as it may be stored."""
    return _masked(text, _KINDS_IN_VERSIONS)


def _masked(text: str, kinds: frozenset[PersonalData]) -> str:
    found = [each for each in find_personal_data(text) if each.kind in kinds]
    if not found:
        return text  # of a longer text less is stored than what was inspected
    plain = inspected_text(text)
    parts, end = [], 0
    for each in found:
        parts += [
            plain[end : each.start],
            _stand_in(each.kind.value, plain[each.start : each.end], each.kind.is_secret),
        ]
        end = each.end
    parts.append(plain[end:])
    if len(text) > MAX_INSPECTED_CHARACTERS:
        parts.append(_stand_in("text", text[MAX_INSPECTED_CHARACTERS:], is_secret=False))
    return "".join(parts)


def _stand_in(word: str, value: str, is_secret: bool) -> str:
    if is_secret:
        return f"‹{word}›"
    hashed = keyed_hash("label", value.casefold().encode("utf-8", "backslashreplace")) & 0xFFFF
    return f"‹{word} {hashed:04x}›"
