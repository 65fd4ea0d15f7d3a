"""Names folded: what two names have in common that a person would read as the same."""

import unicodedata
from itertools import zip_longest

from catalog.contract.name_normalization import STORED_NAME_LENGTH, clean_name
from catalog.contract.name_symbols import mark_meaningful_symbols

# Letters of other alphabets that look like a Latin one, as letters look in lower case after case folding. Where the
# capital looks like one Latin letter and the small one like none, the capital decides: the two are one letter.
_CYRILLIC = dict(zip("авекмнорстухѕіјһӏԁԛԝѵ", "abekmhopctyxsijhldqwv", strict=True))
_GREEK = dict(zip("αβεζηικνορτυχϲϳ", "abezhikvoptyxcj", strict=True))
_OTHERS = {
    "ı": "i",
    "ɑ": "a",
    "ɡ": "g",
    "ɩ": "i",
    "ʏ": "y",
    "ᴄ": "c",
    "ᴏ": "o",
    "ᴠ": "v",
    "ᴡ": "w",
    "ᴢ": "z",
    "օ": "o",  # Armenian
    "ս": "u",
    "հ": "h",
    "ց": "g",
}
CONFUSABLE_LETTERS = _CYRILLIC | _GREEK | _OTHERS
"""Letters that are read as a Latin one, by themselves; Unicode Technical Standard 39 has the whole list."""

# Invisible though Unicode counts them as letters, marks or symbols (Default_Ignorable_Code_Point, and a blank pattern).
_INVISIBLE = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2065\u3164\uffa0"
    + "".join(map(chr, range(0xFE00, 0xFE10)))
    + "".join(map(chr, range(0xE0100, 0xE01F0)))
)
_BLANK_SYMBOLS = frozenset("\u2800")
_MEANINGFUL_PUNCTUATION = frozenset("#%&@*")
_SEPARATING_SYMBOLS = frozenset("|~^`<>=→")
_STROKE = "\u0338"
_SEPARATOR = "_"


def fold_name(name: str) -> str:
    """Return the text that all names share which a person would read as this one, at most 512 characters.

    Case, compatibility forms (full-width letters, ligatures), blanks, separators and the humps of camelCase do not
    count, nor do invisible characters; a letter that looks like a Latin one is that one. Between two digits a
    separator is kept, as `_`: 1.10 is not 11.0. Symbols that compare, sign, point or deny are kept. A name of nothing
    else stays as it is stored. Any text will do, and folding twice is folding once. Of a long name the part that is
    stored counts.
    """
    stored = clean_name(name)
    visible = "".join(character for character in _decompose(stored) if not _is_invisible(character))
    folded = "".join(_without_separators(mark_meaningful_symbols(visible)))
    return unicodedata.normalize("NFC", folded)[:STORED_NAME_LENGTH].rstrip(_SEPARATOR) or stored


def _decompose(name: str) -> str:
    # As NFKC_Casefold of the Unicode Standard (3.13, D146): what folding brings forth is decomposed and folded again.
    for _ in range(2):
        name = unicodedata.normalize("NFKD", name).casefold()
    # The small letter of a Turkish capital has a dot of its own.
    return unicodedata.normalize("NFKD", name).replace("i\u0307", "i")


def _without_separators(name: str) -> list[str]:
    """Return the characters that count, each separator between two digits as one `_`."""
    kept: list[str] = []
    is_separated = False
    for character, following in zip_longest(name, name[1:], fillvalue=""):
        if _is_separator(character) and not (character == "=" and following == _STROKE):  # ≠
            is_separated = True
            continue
        if is_separated and kept and character.isdecimal() and kept[-1].isdecimal():
            kept.append(_SEPARATOR)
        kept.append(CONFUSABLE_LETTERS.get(character, character))
        is_separated = False
    return kept


def _is_invisible(character: str) -> bool:
    return character in _INVISIBLE or (
        unicodedata.category(character) in ("Cc", "Cf") and character not in "\t\n\v\f\r\x1c\x1d\x1e\x1f\x85"
    )


def _is_separator(character: str) -> bool:
    if character in _MEANINGFUL_PUNCTUATION:
        return False
    return (
        character.isspace()
        or character in _SEPARATING_SYMBOLS
        or character in _BLANK_SYMBOLS
        or unicodedata.category(character)[0] in "PZ"
    )
