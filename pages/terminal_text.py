"""Texts that strangers wrote, for a terminal, which obeys what it is sent."""


def printable(text: str) -> str:
    """Return a text without what a terminal would obey: each such character is replaced, line feeds too."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
