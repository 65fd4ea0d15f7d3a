"""Why something cannot be backed up or restored, in a sentence for whoever runs the command."""


class BackupError(Exception):
    """It cannot be done, and nothing was changed. The text says why, and what to do."""


class DamagedBackup(BackupError):
    """The file is no whole backup: cut off, changed, or of something else."""
