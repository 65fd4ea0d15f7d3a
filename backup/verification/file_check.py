"""Reads a backup from its first byte to its last, and nothing else."""

from backup.archive.backup_reader import BackupReader
from backup.row_progress import Report, RowProgress


def check_file(backup: BackupReader, *, report: Report) -> None:
    """Return where every table has the rows, bytes and checksum that the manifest says. Raises DamagedBackup."""
    progress = RowProgress(report, "Read")
    for table in backup.manifest.tables:
        for _ in progress.watch(table.name, backup.blocks(table)):
            pass
