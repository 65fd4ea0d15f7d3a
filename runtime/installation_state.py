"""What a process finds in `.signalbook/`: where the embedded database and the broker of this clone are."""

import os
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from runtime.files import write_private

DATABASE_URL_FILE = "database.url"
OWNER_URL_FILE = "database-owner.url"


@dataclass(frozen=True, slots=True)
class DatabaseUrls:
    """The database's URLs: that of the role which the application runs as, and that of the role which owns the tables.

    `owner` is the same URL where nobody named another: one role does everything then.
    """

    application: str
    owner: str

    @property
    def application_role(self) -> str:
        """The name of the application's role, "" where it is the owner's too."""
        role = unquote(urlsplit(self.application).username or "")
        return "" if role == unquote(urlsplit(self.owner).username or "") else role


def database_urls(state_dir: Path) -> DatabaseUrls:
    """Return `DATABASE_URL` and `OWNER_DATABASE_URL`, else those of the embedded database that `make run` wrote down.

    Where neither is there, the URL of a local server on its socket, so that a command fails
    with PostgreSQL's own sentence rather than with ours.
    """
    if url := os.environ.get("DATABASE_URL"):
        return DatabaseUrls(url, os.environ.get("OWNER_DATABASE_URL") or url)
    url = _written(state_dir / DATABASE_URL_FILE) or "postgres:///signalbook"
    return DatabaseUrls(url, _written(state_dir / OWNER_URL_FILE) or url)


def _written(path: Path) -> str:
    return path.read_text().strip() if path.is_file() else ""


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
