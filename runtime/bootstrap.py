"""Builds the virtual environment: what `make` runs first, with the machine's own Python and nothing installed.

An older Python must be able to parse this file, to be refused with a sentence, so it imports nothing of the project.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

MIN_PYTHON = (3, 11)
ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"


class BootstrapError(Exception):
    """The environment cannot be built. The text is one sentence: what happened, why, what to do next."""


def main(arguments):
    """Install `requirements/<name>.lock` for each name in `arguments`; return the exit code for the shell."""
    try:
        require_python(sys.version_info[:2])
        with installation_lock(ROOT):
            for name in arguments:
                install(name)
    except BootstrapError as refusal:
        print(refusal, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def require_python(version):
    """Raise BootstrapError where `version`, a pair of numbers, is too old."""
    if version < MIN_PYTHON:
        raise BootstrapError(
            "Signalbook needs Python {}.{} or later, and python3 is {}.{} here. "
            "Name a newer one, for example: make run PYTHON=python3.13".format(*MIN_PYTHON, *version)
        )


def require_venv(found=find_spec):
    """Raise BootstrapError where this Python cannot build environments, as Debian's does without one more package."""
    if not (found("venv") and found("ensurepip")):
        raise BootstrapError(
            "This Python cannot build a virtual environment: the module venv or ensurepip is missing. "
            "On Debian and Ubuntu, install it as root and run make again: apt-get install python3-venv"
        )


@contextmanager
def installation_lock(folder):
    """Let a second installation into the same clone wait for the first."""
    handle = os.open(str(folder), os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def install(name):
    """Install `requirements/<name>.lock` into `.venv`, unless its stamp says that this was done.

    Raises BootstrapError where that fails, with the installer's last words.
    """
    lock = ROOT / "requirements" / (name + ".lock")
    stamp = VENV / ("installed-" + name)
    lock_digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    if PYTHON.exists() and stamp.is_file() and stamp.read_text() == lock_digest:
        return
    try:
        if not has_pip():
            require_venv()
            shutil.rmtree(str(VENV), ignore_errors=True)
            run_command([sys.executable, "-m", "venv", str(VENV)])
        print("Installing the packages of requirements/{}.lock into .venv (once)".format(name), flush=True)
        run_command([str(PYTHON), "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check",
             "--require-hashes", "--no-deps", "--only-binary", ":all:", "--requirement", str(lock)])  # fmt: skip
        stamp.write_text(lock_digest)
        if name == "dev":  # the development lock holds every line of the other
            other = ROOT / "requirements" / "run.lock"
            (VENV / "installed-run").write_text(hashlib.sha256(other.read_bytes()).hexdigest())
    except OSError as error:
        raise BootstrapError(
            "The folder .venv cannot be written ({}). It may belong to another user: "
            "remove it as that user, or work in a clone of your own.".format(error)
        ) from error


def has_pip():
    """Return whether `.venv` holds a Python that runs, and its pip."""
    with suppress(OSError):
        return subprocess.call([str(PYTHON), "-c", "import pip"], stderr=subprocess.DEVNULL) == 0
    return False


def run_command(command):
    """Run an installer silently. Raises BootstrapError with its last lines where it fails."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True)
    if done.returncode:
        lines = [line for line in done.stdout.splitlines() if line.strip() and "is ignored" not in line]
        raise BootstrapError(
            "\n".join(lines[-8:]) + "\n"
            "The packages could not be installed (see above). Check the network and run make again."
        )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
