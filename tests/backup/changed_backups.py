"""Backups that somebody damaged, or made to do harm."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

MANIFEST = "manifest.json"


class EditableBackup:
    """The members of a backup, packed anew after a test has changed them: the archive itself is always sound."""

    def __init__(self, path: Path) -> None:
        with zipfile.ZipFile(path) as archive:
            self.members = {name: archive.read(name) for name in archive.namelist()}
        self.manifest: dict[str, Any] = json.loads(self.members.pop(MANIFEST))

    def table(self, name: str) -> dict[str, Any]:
        """The entry of a table in the manifest."""
        (entry,) = (entry for entry in self.manifest["tables"] if entry["name"] == name)
        return entry

    def rename(self, table: str, to: str) -> None:
        """Call a table something else, in the manifest and as a member."""
        self.table(table)["name"] = to
        self.members[f"tables/{to}.copy"] = self.members.pop(f"tables/{table}.copy")

    def replace_rows(self, table: str, change: Callable[[bytes], bytes]) -> None:
        """Change the rows of a table, and the manifest so that it agrees."""
        name = f"tables/{table}.copy"
        rows = self.members[name] = change(self.members[name])
        digest = {"rows": rows.count(b"\n"), "size": len(rows), "sha256": hashlib.sha256(rows).hexdigest()}
        self.table(table).update(digest)

    def write(self, path: Path) -> Path:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in self.members.items():
                archive.writestr(name, data)
            archive.writestr(MANIFEST, json.dumps(self.manifest))
        return path
