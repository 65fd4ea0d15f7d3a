"""What a process finds in `.signalbook/`: where the embedded database and the broker of this clone are."""

import os
import secrets
import stat
from pathlib import Path
from typing import Any

from runtime.files import write_private


def database_url(state_dir: Path) -> str:
    """Return the database's URL: `DATABASE_URL`, else the embedded one's that `make run` wrote down.

    Where neither is there, the URL of a local server on its socket, so that a command fails
    with PostgreSQL's own sentence rather than with ours.
    """
    if url := os.environ.get("DATABASE_URL"):
        return url
    written = state_dir / "database.url"
    return written.read_text().strip() if written.is_file() else "postgres:///signalbook"


def broker_url(state_dir: Path) -> tuple[str, dict[str, Any]]:
    """Return the broker's URL and its transport options: `BROKER_URL`, else folders in `state_dir`."""
    if url := os.environ.get("BROKER_URL"):
        if url.startswith("redis"):
            # A killed worker's nudge comes back in seconds; the inbox would find it anyway.
            return url, {"visibility_timeout": 60, "unacked_restore_interval": 5}
        return url, {}
    folder = Path(os.environ.get("BROKER_FOLDER", state_dir / "broker"))
    for name in ("queue", "processed", "control"):
        (folder / name).mkdir(parents=True, exist_ok=True, mode=0o700)
    return "filesystem://", {
        "data_folder_in": str(folder / "queue"),
        "data_folder_out": str(folder / "queue"),
        "processed_folder": str(folder / "processed"),
        "control_folder": str(folder / "control"),
        "polling_interval": 0.1,
    }


def installation_secret(state_dir: Path) -> str:
    """Return the secret key that the first start of this clone wrote, or "" where there is none.

    Raises PermissionError where the file can be read by others.
    """
    path = state_dir / "secret.key"
    if not path.is_file():
        return ""
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise PermissionError(f"{path} can be read by others. Run: chmod 600 {path}")
    return path.read_text().strip()


def ensure_installation_secret(state_dir: Path) -> None:
    """Write the secret key of this clone, once: sessions survive a restart."""
    path = state_dir / "secret.key"
    if not path.is_file():
        write_private(path, secrets.token_urlsafe(48) + "\n")
