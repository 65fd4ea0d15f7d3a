"""Card numbers: what may be one is hidden, what looks like one that was issued and was written as one is told.

Every tenth number passes the check digit (ISO/IEC 7812-1, Luhn), so that two questions are asked, as detectors of large
providers do with scores and words nearby. *May it be one?* Whatever begins as cards do and passes, wherever it stands
among digits, is hidden: that costs a look at a sample. *Would somebody be told?* Only of a number by itself, in one
group or in those that are printed on cards, of a length that is issued with that beginning. A number in one group that
is one of an article too, as its other check digit says, is not told, nor is one under a key of ids, references, devices
or times (`sensitive_keys.is_identifier_key`).
"""

import re
from collections.abc import Iterator
from itertools import accumulate

from catalog.contract.phone_numbers import is_article_number

_DIGIT_RUN = re.compile(r"\d(?:[ -]?\d){12,}")
_UUID = re.compile(r"(?<![\da-fA-F])[\da-fA-F]{8}-(?:[\da-fA-F]{4}-){3}[\da-fA-F]{12}(?![\da-fA-F])")

# Not between other letters or digits, nor as a part of a path, a version or a longer row of groups; a word may stand
# before or after it with `_` between. Scripts without blanks between words have no such neighbours: 卡号4111….
_LETTER = r"\dA-Za-z\u00c0-\u052f"
_PRINTED = r"[._/+·•]|[^\S\r\n]{1,3}|[^\S\r\n]?-[^\S\r\n]?|%(?:25){0,2}(?:20|2[Dd])|&nbsp;"
_FORMS = r"\r?\n|[:;|\\~*']"
"""Between the fields of a form, which are four."""
_LISTS = r",[^\S\r\n]?"
"""Hidden, and not told: a list of four numbers has these, too."""


def _grouped(separators: str) -> re.Pattern[str]:
    # A step of a path may be a card number, unless slashes stand between its own groups, too.
    return re.compile(
        rf"\d{{4}}(?<![{_LETTER}].{{4}})(?<![.-].{{4}})(?<!\d[_:;|\\~*',\n/].{{4}})"
        rf"(?!(?<=/.{{4}})/)({separators})(?:\d{{4}}\1\d{{4}}\1\d{{4}}(?:\1\d{{3}})?|\d{{6}}\1\d{{4,5}})"
        rf"(?![{_LETTER}]|-|/\d|(?<=/\d{{3}})/|(?<=/\d{{4}})/|(?<=/\d{{5}})/|[._]\d|\1\d{{4}})",
        re.DOTALL,
    )


_TOLD_GROUPS = _grouped(f"{_PRINTED}|{_FORMS}")
_HIDDEN_GROUPS = _grouped(f"{_PRINTED}|{_FORMS}|{_LISTS}")
_CARD_GROUPS = ((4, 4, 4, 4), (4, 4, 4, 4, 3), (4, 6, 5), (4, 6, 4))
"""How card numbers are written in groups."""

# What card numbers begin with, and how many digits they then may have.
_POSSIBLE_LENGTHS = (
    (re.compile(r"(?=4)"), (13, 16, 19)),
    (re.compile(r"(?=5|6)"), (16, 17, 18, 19)),
    (re.compile(r"(?=3[47])"), (15,)),
    (re.compile(r"(?=3[0689])"), (14, 16, 17, 18, 19)),
    (re.compile(r"(?=35)"), (16, 17, 18, 19)),
    (re.compile(r"(?=220[0-4])"), (16, 17, 18, 19)),  # Mir
    (re.compile(r"(?=2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720))"), (16,)),
    (re.compile(r"(?=8[12]|9792|8600|9860)"), (16,)),  # RuPay, Troy, Uzcard, Humo
)
_ISSUED = re.compile(
    r"4\d{15}|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|"  # Visa, Mastercard
    r"3[47]\d{13}|3(?:0[0-59]|[689]\d)\d{11}|3(?:0[0-59]|[689]\d)\d{13}|"  # American Express, Diners Club
    r"35(?:2[89]|[3-8]\d)\d{12}|220[0-4]\d{12}|(?:8[12]|60)\d{14}|(?:9792|8600|9860)\d{12}|"  # JCB, Mir, RuPay, others
    r"6(?:011|4[4-9]\d|5\d\d)\d{12}|62\d{14}(?:\d{3})?|"  # Discover, UnionPay
    r"50[7-9]\d{13}|506\d{13}(?:\d{3})?|(?:5019|636[23]|637\d)\d{12}|"  # RuPay, Elo, Verve, Dankort, Hiper
    r"(?:5018|5020|5038|5893|6304|6703|6759|676\d|677\d|6799)\d{12,15}",  # Maestro, whose numbers have several lengths
    re.ASCII,
)
"""The numbers of 14 to 19 digits that brands issue. Visa's of 13 have not been given out for decades."""


def may_be_card(text: str) -> bool:
    """Tell whether digits, all of them, may be a card number."""
    return _holds_card(text, whole=True)


def find_card_numbers(text: str) -> Iterator[tuple[int, int]]:
    """Yield where a plain text may hold card numbers, in linear time: each row of digits that holds one, or groups."""
    if _DIGIT_RUN.search(text):
        for match in _DIGIT_RUN.finditer(_UUID.sub(_as_letters, text) if "-" in text else text):
            if _holds_card(match[0]):
                yield match.span()
    for match in _HIDDEN_GROUPS.finditer(text):
        if _holds_card(match[0].replace(match[1], ""), whole=True):
            yield match.span()


def is_written_card(text: str, start: int, end: int) -> bool:
    """Tell whether a number that was found is one that people are told of."""
    card = _TOLD_GROUPS.match(text, start)
    if card is not None and card.end() == end:
        return is_issued_card(card[0].replace(card[1], ""))
    groups = re.split("[ -]", text[start:end])
    before, after = text[:start][-2:], text[end:][:1]
    if re.search(rf"[{_LETTER}]\Z|\d[.,]\Z", before):
        groups[0] = ""  # the end of a word, or the decimals of a number
    if re.match(rf"[{_LETTER}]", after):
        groups[-1] = ""
    lengths = [len(group) for group in groups]
    for index, length in enumerate(lengths):
        if length >= 14 and is_issued_card(groups[index]) and not is_article_number(groups[index]):
            return True
        for sizes in _CARD_GROUPS:
            following = index + len(sizes)
            # After another group of four it is a part of a longer number, as those of parcels are.
            is_first = not index or lengths[index - 1] != 4
            if (
                is_first
                and tuple(lengths[index:following]) == sizes
                and is_issued_card("".join(groups[index:following]))
            ):
                return True
    return False


def is_issued_card(digits: str) -> bool:
    """Tell whether digits are a number as brands issue them."""
    plain = _ascii_digits(digits)
    return _ISSUED.fullmatch(plain) is not None and _holds_card(plain, whole=True)


def _as_letters(match: re.Match[str]) -> str:
    return "x" * len(match[0])


def _ascii_digits(digits: str) -> str:
    return digits if digits.isascii() else "".join(str(int(character)) for character in digits)


def _holds_card(text: str, *, whole: bool = False) -> bool:
    """Tell whether a card number stands anywhere among digits, or is all of them (`whole`).

    It is known by its beginning, its length and its check digit: counted from the last digit, every second one is
    doubled, and the sum ends in 0. Running sums give the sum of any part at once, so that a long row of digits takes
    linear time.
    """
    plain = _ascii_digits(text.replace(" ", "").replace("-", ""))
    candidates = list(_possible_cards(plain))
    if not candidates:
        return False  # nearly always: most long numbers are times and ids
    digits = [int(character) for character in plain]
    doubled = [digit * 2 - 9 if digit > 4 else digit * 2 for digit in digits]
    # A number that ends at an even position doubles the digits at the odd ones, and the other way round.
    odd_doubled = [doubled[place] if place % 2 else digit for place, digit in enumerate(digits)]
    even_doubled = [digit if place % 2 else doubled[place] for place, digit in enumerate(digits)]
    running_sums = [list(accumulate(luhn, initial=0)) for luhn in (odd_doubled, even_doubled)]
    for start, length in candidates:
        end = start + length
        sums = running_sums[(end - 1) % 2]
        if (sums[end] - sums[start]) % 10 != 0 or (whole and (start, end) != (0, len(digits))):
            continue
        if length == 13 and is_article_number(plain[start:end]):
            continue  # an EAN of Germany or Japan
        return True
    return False


def _possible_cards(digits: str) -> Iterator[tuple[int, int]]:
    """Yield the start and the length of each part that begins as card numbers of that length do."""
    for beginning, lengths in _POSSIBLE_LENGTHS:
        for found in beginning.finditer(digits):
            yield from ((found.start(), length) for length in lengths if found.start() + length <= len(digits))
