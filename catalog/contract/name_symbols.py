"""Symbols in names that carry meaning: `Price < 10` is not `Price > 10`, and `Swipe →` is not `Swipe ←`.

Where a symbol only stands between words (`Home > Cart`, `Order → Completed`, `add+to+cart`), it separates them. Where
it compares, signs a number, points or denies, it is kept, as a sign of its own that no rule here reads anew: folding
twice is folding once.
"""

import re

_LESS, _GREATER, _PLUS, _MINUS, _ARROW, _NOT = "⋖⋗➕➖➔¬"
_PLAIN = str.maketrans({_LESS: "<", _GREATER: ">", _PLUS: "+", _MINUS: "-", _ARROW: "→", _NOT: "!"})

# How people and programs write one sign.
_SPELLINGS = (
    (re.compile("-{1,3}>|=>|[➡⟶]"), "→"),
    (re.compile(r"<-{1,3}(?!\d)|[⬅⟵]"), "←"),
    (re.compile("<="), "≤"),
    (re.compile(">="), "≥"),
    (re.compile("!=(?!=)"), "=\u0338"),  # as ≠ is decomposed
    (re.compile("−"), "-"),
)
_LETTER = r"[^\s\d!-/:-@\[-`{-~]"  # or a mark of one
_NUMBER = r"[\s_]{0,3}[-+.$€£¥]{0,2}\d"
_MEANINGS = (
    (re.compile(f"<(?={_NUMBER}|[^<>]*(?:<|\\Z))"), _LESS),  # `<b>` is a bracket
    (re.compile(f"(?<!>)>(?={_NUMBER})"), _GREATER),
    (re.compile(rf"(?<={_LETTER})(?:\+|[\s_]{{1,3}}\+[\s_]{{1,3}})(?={_LETTER})"), " "),
    (re.compile(r"\+"), _PLUS),
    (re.compile(r"(?<![^\s_(])-(?=[.$€£¥]?\d)|(?<=[^\s!-/:-@\[-`{-~])[\s_]?-\Z"), _MINUS),
    (re.compile(rf"(?<![^\s_(])!(?={_LETTER})"), _NOT),
    (re.compile(r"\A[\s_]*→|→(?=[\s_]*\Z)"), _ARROW),
)
_ANY = re.compile("[-<>+!−➡⬅⟶⟵→]")


def mark_meaningful_symbols(name: str) -> str:
    """Return a decomposed name in which the symbols that carry meaning are signs that stand for nothing else."""
    if not _ANY.search(name):
        return name
    for pattern, sign in (*_SPELLINGS, *_MEANINGS):
        name = pattern.sub(sign, name)
    return name


def plain_symbols(folded: str) -> str:
    """Return a folded name with its symbols as people type them."""
    return folded.translate(_PLAIN)
