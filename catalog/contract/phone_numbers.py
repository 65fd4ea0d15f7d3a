"""Phone numbers, told from what is written like one: articles (GTIN), dates, builds, and what nobody can dial."""

import re
from collections.abc import Iterator

MIN_DIGITS, MAX_DIGITS = 8, 15  # ITU-T E.164
# No country's code begins with 0: 0000123456 is a number with zeros before it.
_WHOLE = re.compile(r"(?:\+|00(?=[\s().\-/]?[1-9])|\()[\d\s().\-/]{7,24}")
_IN_TEXT = re.compile(r"(?<![\w+])\+\d(?:[\s().\-/]{0,3}\d){7,14}(?!\w)")
_AREA = re.compile(r"\((\d{1,5})\)[\s.\-/]{0,3}\d")
# Egypt's numbers (+20) have other lengths.
_DAY = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_DATE = re.compile(rf"20\d\d{_DAY}|20[2-9]\d{_DAY}(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d)?")
_FIXED_LENGTHS = {"1": 11, "7": 11}
"""How many digits the numbers of North America, and those of Russia and Kazakhstan, have with their code."""


def find_phone_numbers(text: str) -> Iterator[tuple[int, int]]:
    """Yield where a text holds phone numbers: all of it, or those with a plus inside it."""
    if _WHOLE.fullmatch(text) and _is_phone_number(text):
        yield 0, len(text)
    elif "+" in text:
        for match in _IN_TEXT.finditer(text):
            end = _end_of_number(match)
            if can_be_dialled(_digits(text[match.start() : end])):
                yield match.start(), end


def can_be_dialled(digits: str) -> bool:
    """Tell whether digits can be a number with the code of its country in front."""
    if not MIN_DIGITS <= len(digits) <= MAX_DIGITS or _DATE.fullmatch(digits):
        return False
    length = _FIXED_LENGTHS.get(digits[0])
    # No area of North America begins with 0 or 1.
    return length is None or (len(digits) == length and not digits.startswith(("10", "11")))


def is_article_number(digits: str) -> bool:
    """Tell whether digits are a number of an article (GTIN-12, GTIN-13 or GTIN-14 of GS1), as the check digit says.

    An UPC, an EAN and an ISBN of 13 digits are such.
    """
    if len(digits) not in (12, 13, 14):
        return False
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(digits)))
    return weighted % 10 == 0


def _is_phone_number(text: str) -> bool:
    digits = _digits(text)
    if text.startswith("+"):
        return can_be_dialled(digits)
    if text.startswith("("):
        area = _AREA.match(text)
        # (1) 2345-678 is an item of a list.
        return area is not None and MIN_DIGITS + 2 * (len(area[1]) == 1) <= len(digits) <= MAX_DIGITS
    return can_be_dialled(digits[2:]) and not (text.isdecimal() and is_article_number(text))


def _end_of_number(match: re.Match[str]) -> int:
    """Return where a number ends: other digits that follow it (`+1 202 555 0143 2 items`) are not part of it."""
    length = _FIXED_LENGTHS.get(match[0][1], MAX_DIGITS)
    places = [place for place, character in enumerate(match[0]) if character.isdigit()]
    if len(places) <= length or places[length] == places[length - 1] + 1:
        return match.end()
    return match.start() + places[length - 1] + 1


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdigit())
