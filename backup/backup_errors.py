"""Why something cannot be backed up or restored, in a sentence for whoever runs the command."""


class BackupError(Exception):
    """It cannot be done, and nothing was changed. The text says why, and what to do."""


class DamagedBackup(BackupError):
    """The file is no whole backup: cut off, changed, or of something else."""


def printable(text: str) -> str:
    """Return a text on one line, without what a terminal would obey: it quotes what a stranger may have written."""
    words = " ".join(text.split())
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in words)
