"""Which release of Signalbook this is."""

import subprocess
import tomllib
from pathlib import Path
from typing import NamedTuple

GIT_SECONDS = 5


class Release(NamedTuple):
    """The version as `pyproject.toml` says it, and the commit where the files are a git clone, else ""."""

    version: str
    commit: str

    def __str__(self) -> str:
        return f"{self.version} (commit {self.commit[:12]})" if self.commit else self.version


def installed_release(folder: Path) -> Release:
    """Return the release whose files lie in `folder`."""
    project = tomllib.loads((folder / "pyproject.toml").read_text())["project"]
    return Release(project["version"], _commit(folder))


def _commit(folder: Path) -> str:
    # Whoever owns the clone: reading a commit's name runs nothing of it.
    command = ["git", "-c", f"safe.directory={folder}", "-C", str(folder), "rev-parse", "--verify", "HEAD"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, check=True, timeout=GIT_SECONDS)
    except (OSError, subprocess.SubprocessError):
        return ""
    return answer.stdout.strip()
